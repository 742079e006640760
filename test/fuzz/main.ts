/** `make fuzz`: fuzzes one target after another, each in processes of its own, and exits with 1 where there is a finding. */
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cases } from './cases.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { TARGETS } from './targets/index.ts';

/** V8's heap in a worker: what needs more is a finding. */
const HEAP_MB = 512;
/** A worker is replaced after so many cases: what it keeps on purpose (compiled patterns, runs) does not add up. */
const CASES_PER_WORKER = 50_000;
/** A case that takes so long hangs. */
const HANG_MS = 60_000;

const WORKER = join(import.meta.dirname, 'worker.ts');

interface WorkerEnd {
  readonly cases: number;
  /** What is wrong with the last case. */
  readonly finding: string | undefined;
  readonly lastCase: number;
}

let running: ReturnType<typeof spawn> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    running?.kill('SIGKILL');
    process.exit(130);
  });
}

function work(target: string, seed: number, first: number, count: number, milliseconds: number): Promise<WorkerEnd> {
  const numbers = [seed, first, count, Math.ceil(milliseconds)].map(String);
  const worker = spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, WORKER, target, ...numbers], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  running = worker;
  let [output, errors, lastCase, hangs] = ['', '', first, false];
  const hang = setTimeout(() => {
    hangs = true;
    worker.kill('SIGKILL');
  }, HANG_MS);
  worker.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  worker.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-8000);
  });
  worker.stdio[3]?.on('data', (numbers: Buffer) => {
    hang.refresh();
    lastCase = Number(numbers.toString('latin1').trimEnd().split('\n').at(-1));
  });
  return new Promise((resolve) => {
    worker.on('close', (code, signal) => {
      clearTimeout(hang);
      const how = hangs ? `no end within ${HANG_MS / 1000} s` : `${signal ?? `exit code ${code}`}\n${errors}`;
      resolve({ cases: Number(output), finding: code === 0 ? undefined : how, lastCase });
    });
  });
}

/** @returns whether all went well */
async function fuzz(name: string, { seed, milliseconds, onlyCase }: Options): Promise<boolean> {
  const end = performance.now() + milliseconds;
  let done = 0;
  do {
    const count = onlyCase === undefined ? CASES_PER_WORKER : 1;
    const first = onlyCase ?? done;
    const { cases, finding, lastCase } = await work(name, seed, first, count, end - performance.now());
    if (finding !== undefined) {
      report(name, seed, lastCase, finding);
      return false;
    }
    done += cases;
  } while (onlyCase === undefined && performance.now() < end);
  process.stdout.write(`${name}: ${done} cases, no finding\n`);
  return true;
}

function report(name: string, seed: number, number: number, finding: string): void {
  const target = TARGETS.find((each) => each.name === name);
  const input = target && new Cases(target.input, seed).at(number);
  const file = join(mkdtempSync(join(tmpdir(), 'copepod-fuzz-')), 'input.json');
  writeFileSync(file, JSON.stringify(input, null, 2));
  process.stdout.write(`${name}: case ${number} of seed ${seed}: ${finding}\n`);
  process.stdout.write(`  its input: ${file}\n`);
  process.stdout.write(`  again: make fuzz ARGS="--only ${name} --seed ${seed} --case ${number}"\n`);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(USAGE);
  else {
    process.stdout.write(`seed ${options.seed}\n`);
    for (const name of options.targets) if (!(await fuzz(name, options))) process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`fuzz: ${(error as Error).message}\n  see --help\n`);
  process.exitCode = 2;
}
