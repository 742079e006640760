import type { Duplex } from 'node:stream';
import type { ProcessEnd, SandboxProcess } from './sandbox-process.ts';

/**
 * A process that a zygote has forked. Its id stays its own until it has been reaped, and it is reaped only when it has been
 * killed from here: no signal of ours can reach another process.
 */
export class ForkedProcess implements SandboxProcess {
  readonly pid: number;
  readonly socket: Duplex;
  readonly ended: Promise<ProcessEnd>;
  readonly isForked = true;
  readonly #zygote: { readonly isOutdated: boolean };
  #isReaped = false;

  /** @param reap waits for the end of the process, which has been killed */
  constructor(pid: number, socket: Duplex, zygote: { readonly isOutdated: boolean }, reap: () => Promise<ProcessEnd>) {
    this.pid = pid;
    this.#zygote = zygote;
    this.socket = socket;
    this.ended = new Promise((resolve) => {
      // The end of the process closes its socket, for no other has it; by then all that it said has been read.
      const end = (): void => {
        this.kill();
        this.#isReaped = true;
        resolve(reap());
      };
      if (socket.destroyed) end();
      else socket.once('close', end);
    });
  }

  get isOutdated(): boolean {
    return this.#zygote.isOutdated;
  }

  kill(): void {
    if (this.#isReaped) return;
    try {
      process.kill(this.pid, 'SIGKILL');
    } catch {
      // its zygote is gone, and so is it
    }
  }
}
