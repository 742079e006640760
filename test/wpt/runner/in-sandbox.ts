import { createRuntime, type Runtime } from '../../../src/index.ts';
import type { Results } from './around.ts';
import { THE_FILE } from './tally.ts';

const LIMITS = {
  memoryBytes: 512 << 20,
  resultBytes: 512 << 10,
  apiCalls: 1000,
};

/** Runs programs in sandboxes of one runtime, each in a fresh context. */
export class InSandbox {
  readonly #runtime: Runtime;

  /** @param timeoutMs within which the longest program gives its results */
  constructor(timeoutMs: number) {
    const time = timeoutMs + 100_000;
    this.#runtime = createRuntime({
      limits: { ...LIMITS, cpuTimeMs: time, timeoutMs: time },
      pool: { size: 1, spares: 0 },
    });
  }

  async run(program: string): Promise<Results> {
    const { result, reason, error } = await this.#runtime.execute({ source: program, name: 'test.any.js' });
    if (reason === 'Completed') return result as unknown as Results;
    return { passed: 0, failed: [[THE_FILE, `${reason}: ${error?.message ?? ''}`.slice(0, 300)]] };
  }

  close(): Promise<void> {
    return this.#runtime.close();
  }
}
