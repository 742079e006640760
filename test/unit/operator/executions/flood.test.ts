import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { executionQueue } from '../../../../src/operator/executions/execution-queue.ts';
import type { KnownExecution } from '../../../../src/operator/executions/known-execution.ts';
import { Notes } from '../../../../src/operator/executions/notes.ts';
import { Places } from '../../../../src/operator/executions/places.ts';
import { Controller, type ReconcileResult } from '../../../../src/operator/kube/controller.ts';
import { parseKey } from '../../../../src/operator/kube/object.ts';
import type { ServingPod } from '../../../../src/operator/pods/pod-directory.ts';

const WORKERS = 8;
const SPARE = 1;
const WRITE_MS = 40;
const RUN_MS = 2;
const VMS = 4;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Executions from their creation to the second write, on a simulated clock. A key is `namespace/tenant-number`. */
class Operator {
  /** When each was over, in milliseconds. */
  readonly endedAt = new Map<string, number>();
  /** Of each when its outcome is written: other writes that are under way. */
  readonly besideAtEnd = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #state = new Map<string, 'waiting' | 'running' | 'settled'>();
  /** Writes that are under way, by their keys. */
  readonly #writes = new Set<string>();
  readonly #parts = executionQueue({ get: (key) => this.#known(String(key)) }, () => this.#places);
  readonly #queue = this.#parts.queue;
  readonly #places = new Places({
    serving: (runtime) => [pod(runtime)],
    onGranted: (key) => this.#queue.add(key),
  });
  readonly #notes = new Notes(
    (key) => this.#queue.add(key),
    (key) => this.#places.isMoving(key),
  );
  readonly #runMs: (key: string) => number;
  readonly #running: Promise<void>;

  constructor(runMs: (key: string) => number = () => RUN_MS) {
    this.#runMs = runMs;
    const reconcile = (key: string): Promise<ReconcileResult> => this.#reconcile(key);
    const workers = { limit: WORKERS, spare: SPARE, most: WORKERS };
    this.#running = new Controller({ name: 'test', queue: this.#queue, workers, reconcile }).run(this.#stop.signal);
  }

  create(key: string): void {
    this.#state.set(key, 'waiting');
    this.#queue.add(key);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await jest.advanceTimersByTimeAsync(WRITE_MS);
    await this.#running;
    this.#notes.close();
  }

  /** How many of a namespace have ended. */
  endedOf(namespace: string): number {
    return [...this.endedAt.keys()].filter((key) => parseKey(key).namespace === namespace).length;
  }

  async #reconcile(key: string): Promise<undefined> {
    const state = this.#state.get(key);
    if (state === 'settled') {
      this.besideAtEnd.set(key, this.#writes.size);
      await this.#write(key);
      this.#state.delete(key);
      this.#parts.rightOfWay.end(key);
      this.endedAt.set(key, performance.now());
    } else if (state === 'waiting') {
      const { namespace = '' } = parseKey(key);
      const item = {
        key,
        namespace,
        runtime: `${namespace}/default`,
        tenant: tenantOf(key),
        priority: 0,
        createdMs: 0,
      };
      if (this.#places.ask(item) === undefined) {
        if (this.#notes.isDue(key, 'it waits')) await this.#write(key);
        else this.#queue.giveBackTurn(key);
        return;
      }
      this.#notes.forget(key);
      this.#parts.rightOfWay.begin(key);
      const sentAt = performance.now();
      await this.#write(key);
      this.#places.pace.claimed(performance.now() - sentAt);
      this.#parts.rightOfWay.runs(key);
      this.#places.taken(key);
      this.#state.set(key, 'running');
      const runMs = this.#runMs(key);
      setTimeout(() => this.#settled(key, item.runtime, runMs), runMs);
    }
  }

  async #write(key: string): Promise<void> {
    this.#writes.add(key);
    await wait(WRITE_MS);
    this.#writes.delete(key);
  }

  #known(key: string): KnownExecution {
    const isClaimed = ['running', 'settled'].includes(this.#state.get(key) ?? '');
    const status = isClaimed ? { claim: {} } : {};
    return { spec: { context: { tenant: { id: tenantOf(key) } } }, status } as unknown as KnownExecution;
  }

  #settled(key: string, runtime: string, runMs: number): void {
    this.#places.pace.ran(runtime, runMs);
    this.#state.set(key, 'settled');
    this.#parts.rightOfWay.begin(key);
    this.#queue.add(key);
    this.#places.leave(key);
  }
}

const tenantOf = (key: string): string => parseKey(key).name.split('-')[0] ?? '';

const pod = (runtime: string): ServingPod => {
  return { runtime, name: 'pod', uid: `pod of ${runtime}`, address: '10.0.0.1:8080', bootID: 'boot', capacity: VMS };
};

describe('in a flood of ten thousand', () => {
  test.each([
    // Its own two.
    ['another namespace', 'quiet/one', 2],
    // Before each those that are under way, and one more before the claim: of whoever gives it the place.
    ['another tenant of the same runtime', 'flood/one', 5],
  ])('%s (%s) has its outcome in the time of %d writes, whenever it comes', async (_, name, writes) => {
    const operator = new Operator();
    for (let index = 0; index < 10_000; index += 1) operator.create(`flood/many-${index}`);
    await jest.advanceTimersByTimeAsync(1000);
    const tookMs: number[] = [];
    for (let index = 0; index < 30; index += 1) {
      const key = `${name}-${index}`;
      const createdAt = performance.now();
      operator.create(key);
      await jest.advanceTimersByTimeAsync(500 + index);
      tookMs.push((operator.endedAt.get(key) ?? Number.POSITIVE_INFINITY) - createdAt);
    }
    expect(Math.max(...tookMs)).toBeLessThanOrEqual(writes * WRITE_MS + 5 * RUN_MS);
    const beside = [...operator.besideAtEnd].filter(([key]) => key.startsWith(name)).map(([, count]) => count);
    expect(Math.max(...beside)).toBe(0); // the flood's own have ended, and no new ones have begun
    await operator.close();
  });

  test('and the flood loses no time by the turns', async () => {
    const operator = new Operator();
    for (let index = 0; index < 10_000; index += 1) operator.create(`flood/many-${index}`);
    await jest.advanceTimersByTimeAsync(10_000);
    const most = (WORKERS * 10_000) / (2 * WRITE_MS);
    expect(operator.endedAt.size).toBeGreaterThan(0.9 * most);
    await operator.close();
  });
});

describe('ten equal namespaces that send as much as is done', () => {
  test.each([
    ['from the start', []],
    ['after two of them have fallen behind', ['equal-0', 'equal-1']],
  ])('have equal shares, %s', async (_, late) => {
    const operator = new Operator();
    const names = Array.from({ length: 10 }, (_, index) => `equal-${index}`);
    for (const name of late) for (let index = 0; index < 20; index += 1) operator.create(`${name}/late-${index}`);
    // Two writes each: a little more than there is time for.
    const everyMs = (0.95 * 2 * WRITE_MS) / WORKERS;
    for (let index = 0; index < 3000; index += 1) {
      operator.create(`${names[index % names.length]}/one-${index}`);
      await jest.advanceTimersByTimeAsync(everyMs);
    }
    const ended = names.map((name) => operator.endedOf(name));
    expect(Math.min(...ended)).toBeGreaterThan(0.95 * Math.max(...ended));
    await operator.close();
  });

  test('one whose VMs were busy for a while has its share again as soon as they are free', async () => {
    const busyMs = 3000;
    const operator = new Operator((key) => (key.startsWith('equal-0/long-') ? busyMs : RUN_MS));
    const names = Array.from({ length: 10 }, (_, index) => `equal-${index}`);
    for (let index = 0; index < VMS; index += 1) operator.create(`equal-0/long-${index}`);
    await jest.advanceTimersByTimeAsync(10 * WRITE_MS);
    for (let index = 0; index < 2000; index += 1) operator.create(`${names[index % names.length]}/one-${index}`);
    await jest.advanceTimersByTimeAsync(busyMs);
    const before = names.map((name) => operator.endedOf(name));
    await jest.advanceTimersByTimeAsync(5000);
    const ended = names.map((name, index) => operator.endedOf(name) - (before[index] ?? 0));
    expect(Math.min(...ended)).toBeGreaterThan(0.9 * Math.max(...ended));
    await operator.close();
  });
});
