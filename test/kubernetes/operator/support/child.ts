import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../../integration/support/cli.ts';
import { eventually } from '../../../support/until.ts';

export type LogEntry = Readonly<Record<string, unknown>>;

/** A process of the built `copepod`, and its log. */
export class Child {
  readonly log: LogEntry[] = [];
  readonly exited: Promise<number | null>;
  readonly #process: ChildProcess;
  readonly #name: string;
  #output = '';
  #partial = '';

  constructor(name: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    this.#name = name;
    this.#process = spawn(process.execPath, [join(ROOT, 'dist/cli/main.js'), ...args], {
      cwd: ROOT,
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    this.exited = new Promise((resolve) => this.#process.on('close', resolve));
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Waits for a log line. */
  async logged(message: string, withinMs?: number): Promise<LogEntry> {
    return await eventually(() => {
      const found = this.log.find((entry) => entry.message === message);
      if (found !== undefined) return found;
      throw new Error(`${this.#name} does not log "${message}" but\n${this.tail()}`);
    }, withinMs);
  }

  /** The last lines of its output. */
  tail(lines = 15): string {
    return this.#output.trimEnd().split('\n').slice(-lines).join('\n');
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Kills it, even if it is stopped. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  /** Sends SIGTERM and returns its exit code. */
  async end(): Promise<number | null> {
    this.signal('SIGTERM');
    return await this.exited;
  }

  #read(text: string): void {
    this.#output += text;
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) this.log.push(JSON.parse(line) as LogEntry);
  }
}
