import { expect } from '@jest/globals';
import {
  createRuntime,
  type ExecuteOptions,
  type ExecutionOutcome,
  type Limits,
  type Runtime,
} from '../../../src/index.ts';
import { MemoryWatch } from './memory-watch.ts';
import { hostTracesIn } from './traces.ts';

export const MIB = 1 << 20;
export const MEMORY_BYTES = 32 * MIB;
/** What an execution may take beyond its time-out, and its process beyond its memory. */
const GRACE_MS = 500;
const GRACE_BYTES = 128 * MIB;
/** A machine that gives the supervisor no turn for tens of milliseconds makes any watch from outside late. */
const ATTEMPTS = 3;
const CPU_TIME_MS = 10_000;
/** On a machine with more to do, scripts that fill their memory take three times their processor time. */
const TIMEOUT_MS = 30_000;

/** A runtime, and a tenant that tries to get past its limits. */
export class Attacker {
  readonly #memory = new MemoryWatch();
  readonly runtime: Runtime = createRuntime({
    pool: { size: 2 },
    limits: { memoryBytes: MEMORY_BYTES, cpuTimeMs: CPU_TIME_MS, timeoutMs: TIMEOUT_MS, apiCalls: 100_000 },
    observer: {
      executionStarted: ({ tenantKey, pid }) => {
        if (tenantKey === 'attacker') this.#memory.follow(pid);
      },
    },
  });

  /** Runs a script and holds it against time, memory and silence about the host. */
  async attack(source: string, limits: Partial<Limits>, options: ExecuteOptions = {}): Promise<ExecutionOutcome> {
    const mostMs = (limits.timeoutMs ?? TIMEOUT_MS) + GRACE_MS;
    const mostBytes = MEMORY_BYTES + GRACE_BYTES;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.runtime.execute(source, {
        context: { tenant: { id: 'attacker' } },
        limits,
        setup: (host) => {
          host.expose('ping', async () => 1);
          host.expose('never', () => new Promise<never>(() => {}));
        },
        ...options,
      });
      this.#memory.stop();
      expect(hostTracesIn(outcome)).toEqual([]);
      const { wallMilliseconds } = outcome.usage;
      const { peakBytes } = this.#memory;
      if (wallMilliseconds < mostMs && peakBytes < mostBytes) return outcome;
      if (attempt < ATTEMPTS) continue;
      expect(wallMilliseconds).toBeLessThan(mostMs);
      expect(peakBytes).toBeLessThan(mostBytes);
    }
  }
}
