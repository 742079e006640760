import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import { until } from '../../support/until.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const CLI = join(ROOT, 'dist/cli/main.js');

export interface CommandEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Text for standard input, which is then closed; null keeps it open. */
  readonly input?: string | null;
  /** Another path of the program: a link to it, with the name of another of its programs. */
  readonly program?: string;
}

/** A running process of the built `copepod`, in its own process group. */
export class Command {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandEnd>;
  /** All children seen: each sandbox is in its own session, outside the group. */
  readonly #children = new Set<number>();
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], { cwd = ROOT, env = {}, input = '', program = CLI }: CommandOptions = {}) {
    const { FORCE_COLOR: _, NO_COLOR: __, ...inherited } = process.env;
    this.child = spawn(process.execPath, [program, ...args], { cwd, env: { ...inherited, ...env }, detached: true });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.child.stdin?.on('error', () => {});
    if (input !== null) this.child.stdin?.end(input);
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Sends a signal to the whole group, like Ctrl-C in a terminal. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** Processes that are alive: itself, its children, and earlier children that should have exited. */
  processes(): number[] {
    const alive = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => pid === this.pid || this.#isBelow(pid) || (this.#children.has(pid) && isSandbox(pid)))
      .filter((pid) => parentOf(pid) !== undefined);
    for (const pid of alive) if (pid !== this.pid) this.#children.add(pid);
    return alive;
  }

  /** Whether a process is a child, or a child's: sandboxes are forked from one. */
  #isBelow(pid: number): boolean {
    const parent = parentOf(pid);
    return parent === this.pid || (parent !== undefined && parentOf(parent) === this.pid);
  }

  /** Waits until both streams together match all of these. */
  async waitFor(...patterns: readonly RegExp[]): Promise<void> {
    await until(
      patterns.join(' and '),
      () => patterns.every((pattern) => pattern.test(this.stdout) || pattern.test(this.stderr)),
      { why: () => `in\n${this.stdout}${this.stderr}` },
    );
  }
}

/** Runs a command to its end. */
export async function copepod(args: readonly string[], options?: CommandOptions): Promise<CommandEnd> {
  return await new Command(args, options).ended;
}

/** Runs `copepod run -o json` and returns the items of its List. */
export async function runItems(args: readonly string[], options?: CommandOptions): Promise<ScriptExecution[]> {
  const { stdout, stderr } = await copepod(['run', ...args, '-o', 'json'], options);
  if (stdout === '') throw new Error(`no List: ${stderr}`);
  return (JSON.parse(stdout) as { items: ScriptExecution[] }).items;
}

/** Status and reason of an execution's condition Succeeded. */
export function succeeded({ status }: ScriptExecution): { status: string; reason: string } | undefined {
  const condition = status.conditions?.find(({ type }) => type === 'Succeeded');
  return condition && { status: condition.status, reason: condition.reason };
}

/** A directory with files, deleted when disposed. */
export class Workspace {
  readonly path = mkdtempSync(join(tmpdir(), 'copepod-test-'));

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A ScriptExecution as a manifest. */
export function execution(name: string, spec: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ apiVersion: 'copepod.dev/v1alpha1', kind: 'ScriptExecution', metadata: { name }, spec });
}

/** CPU time of a process, in milliseconds. */
export function cpuMsOf(pid: number): number {
  const [user, system] = statOf(pid)?.slice(11, 13) ?? [];
  return 10 * (Number(user ?? 0) + Number(system ?? 0));
}

/** The parent of a process; undefined if it has exited. */
function parentOf(pid: number): number | undefined {
  const [state, parent] = statOf(pid) ?? [];
  return state === undefined || state === 'Z' ? undefined : Number(parent);
}

/** The fields of `/proc/PID/stat` from the state on. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Whether a former child is still the same process: its id may be reused. */
function isSandbox(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('dist/sandbox');
  } catch {
    return false;
  }
}
