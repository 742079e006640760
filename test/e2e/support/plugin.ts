import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ran } from './kubectl.ts';

const PROGRAM = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
/** How long a command may take, whatever it waits for. */
const COMMAND_MS = 150_000;

/** `kubectl copepod`, as kubectl finds it on the PATH, in a folder of its own. */
export class Plugin implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'copepod-plugin-'));
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
    symlinkSync(PROGRAM, join(this.folder, 'kubectl-copepod'));
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Runs a command to its end; `onOutput` is told all of its standard output so far. */
  run(args: readonly string[], onOutput: (stdout: string) => void = () => {}): Promise<Ran> {
    const { NODE_OPTIONS: _, FORCE_COLOR: __, ...env } = process.env;
    const PATH = [this.folder, dirname(process.execPath), env.PATH].join(delimiter);
    return new Promise((resolve, reject) => {
      const child = spawn('kubectl', ['copepod', ...args, '--namespace', this.#namespace], {
        cwd: this.folder,
        env: { ...env, PATH },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: COMMAND_MS,
        killSignal: 'SIGKILL',
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        onOutput(stdout);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
