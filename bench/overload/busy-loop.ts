import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 2;

/** Event loop delay of this program in milliseconds: it adds to every measured latency. */
export class BusyLoop {
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#delays.enable();
  }

  /** The 99th percentile since the last call. */
  takeP99Ms(): number {
    const p99Ms = Math.max(0, this.#delays.percentile(99) / 1e6 - RESOLUTION_MS);
    this.#delays.reset();
    return p99Ms;
  }

  [Symbol.dispose](): void {
    this.#delays.disable();
  }
}
