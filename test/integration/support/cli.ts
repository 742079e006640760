import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ScriptExecution } from '../../../src/api/types.generated.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CLI = join(ROOT, 'dist/cli/main.js');

export interface CommandEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** A running `copepod`, the built one, in a process group of its own. */
export class Command {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandEnd>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], { cwd = ROOT, env = {}, input = '' }: CommandOptions = {}) {
    const { FORCE_COLOR: _, NO_COLOR: __, ...inherited } = process.env;
    this.child = spawn(process.execPath, [CLI, ...args], { cwd, env: { ...inherited, ...env }, detached: true });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.child.stdin?.on('error', () => {}).end(input);
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Sends a signal to the whole group, as a terminal does with Ctrl-C. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** Processes of the group that are alive, this one included. */
  group(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => groupOf(name) === this.pid)
      .map(Number);
  }

  /** Waits until both streams together show all of these. */
  async waitFor(...patterns: readonly RegExp[]): Promise<void> {
    await until(
      () => patterns.every((pattern) => pattern.test(this.stdout) || pattern.test(this.stderr)),
      () => `${patterns.join(' and ')} in\n${this.stdout}${this.stderr}`,
    );
  }
}

/** Runs a command to its end. */
export async function copepod(args: readonly string[], options?: CommandOptions): Promise<CommandEnd> {
  return await new Command(args, options).ended;
}

/** Runs `copepod run -o json` and gives the items of its List. */
export async function runItems(args: readonly string[], options?: CommandOptions): Promise<ScriptExecution[]> {
  const { stdout, stderr } = await copepod(['run', ...args, '-o', 'json'], options);
  if (stdout === '') throw new Error(`no List: ${stderr}`);
  return (JSON.parse(stdout) as { items: ScriptExecution[] }).items;
}

/** What the condition Succeeded of an execution says, without the rest. */
export function succeeded({ status }: ScriptExecution): { status: string; reason: string } | undefined {
  const condition = status.conditions?.find(({ type }) => type === 'Succeeded');
  return condition && { status: condition.status, reason: condition.reason };
}

/** Polls, for up to ten seconds. */
export async function until(condition: () => boolean, what: () => string): Promise<void> {
  for (const end = Date.now() + 10_000; !condition(); ) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A directory with files, gone when it is disposed. */
export class Workspace {
  readonly path = mkdtempSync(join(tmpdir(), 'copepod-test-'));

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.path, name), text);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A ScriptExecution as a manifest. */
export function execution(name: string, spec: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ apiVersion: 'copepod.dev/v1alpha1', kind: 'ScriptExecution', metadata: { name }, spec });
}

function groupOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(join('/proc', pid, 'stat'), 'utf8');
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : Number(group);
  } catch {
    return undefined;
  }
}
