import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT, Workspace } from '../support/cli.ts';

/** Makes the process that follows process 1 of a PID namespace, as a container's is. */
const AS_PROCESS_ONE = ['unshare', '--pid', '--fork', '--kill-child'];
const canUnshare = spawnSync('unshare', [...AS_PROCESS_ONE.slice(1), 'true']).status === 0;
const { publicKey } = generateKeyPairSync('ed25519');

/** A pod as a container's process 1. */
class ProcessOne {
  readonly exited: Promise<number | null>;
  output = '';
  readonly #child: ChildProcess;

  /** @param preload code that Node runs before the program */
  constructor(preload: string) {
    const files = new Workspace({ 'preload.cjs': preload });
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const program = [join(ROOT, 'dist/cli/main.js'), 'runtime', '--port', '0', '--address', '127.0.0.1'];
    const node = [process.execPath, '--require', join(files.path, 'preload.cjs'), ...program];
    this.#child = spawn(AS_PROCESS_ONE[0] as string, [...AS_PROCESS_ONE.slice(1), ...node], {
      env: {
        ...inherited,
        COPEPOD_POD_UID: 'pod-1',
        COPEPOD_PUBLIC_KEY: JSON.stringify(publicKey.export({ format: 'jwk' })),
      },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.exited = new Promise((resolve) => {
      this.#child.on('close', (code) => {
        files[Symbol.dispose]();
        resolve(code);
      });
    });
  }

  async says(text: string): Promise<void> {
    for (const end = Date.now() + 20_000; !this.output.includes(text); ) {
      if (Date.now() > end) throw new Error(`waited in vain for '${text}' in\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Sends a signal to process 1 itself. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }
}

const title = canUnshare
  ? 'a pod that is process 1'
  : 'a pod that is process 1 (skipped: no PID namespace can be made here)';

(canUnshare ? describe : describe.skip)(title, () => {
  test('ends at a SIGTERM that comes while Node starts', async () => {
    await using one = new ProcessOne(`
      require('node:fs').writeSync(2, 'Node starts');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    `);
    await one.says('Node starts');
    one.signal('SIGTERM');
    expect(await one.exited).toBe(143);
    expect(one.output).toBe('Node starts');
  });

  test('ends at a SIGTERM that comes while its modules are loaded', async () => {
    // The first handler is the program's first instruction: what follows it is held up for long enough.
    await using one = new ProcessOne(`
      const { on } = process;
      process.on = function (name, ...rest) {
        on.call(this, name, ...rest);
        if (name === 'SIGINT') {
          process.on = on;
          // The pod's server handles these before it handles signals.
          const isFirst = process.listenerCount('uncaughtException') === 0;
          require('node:fs').writeSync(2, isFirst ? 'handled first' : 'handled late');
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
        }
        return this;
      };
    `);
    await one.says('handled');
    one.signal('SIGTERM');
    expect([0, 143]).toContain(await one.exited);
    expect(one.output).toMatch(/^handled first/);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('ends in good order at a %s when it serves', async (signal) => {
    await using one = new ProcessOne('');
    await one.says('Serving');
    one.signal(signal);
    expect(await one.exited).toBe(0);
    expect(one.output).toContain('Stopped');
  });
});
