import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AdaptiveConcurrency } from '../../../../src/operator/dispatch/adaptive-concurrency.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Processes up to `lanes` requests at once, each for a fixed time; the others wait. */
class Server {
  workMs: number;
  readonly #lanes: number[];

  constructor(lanes: number, workMs: number) {
    this.workMs = workMs;
    this.#lanes = Array.from({ length: lanes }, () => 0);
  }

  async request(): Promise<void> {
    const now = performance.now();
    const lane = this.#lanes.indexOf(Math.min(...this.#lanes));
    const end = Math.max(now, this.#lanes[lane] as number) + this.workMs;
    this.#lanes[lane] = end;
    await wait(end - now);
  }
}

interface Load {
  /** Concurrent requests that the load generator wants. */
  readonly wanted: number;
  readonly forMs: number;
}

/** Sends as many concurrent requests as the limit allows. Returns the number answered and the observed limits. */
async function load(concurrency: AdaptiveConcurrency, server: Server, { wanted, forMs }: Load) {
  const until = performance.now() + forMs;
  const limits: number[] = [];
  let open = 0;
  let answered = 0;
  const fill = (): void => {
    while (performance.now() < until && open < Math.min(wanted, concurrency.limit)) {
      open += 1;
      limits.push(concurrency.limit);
      void concurrency
        .measure(() => server.request())
        .then(() => {
          open -= 1;
          answered += 1;
          fill();
        });
    }
  };
  fill();
  await jest.advanceTimersByTimeAsync(forMs + 1000);
  return { answered, limits };
}

describe('the adaptive concurrency limit', () => {
  test('is low for a sequential server, without a loss of throughput', async () => {
    const concurrency = new AdaptiveConcurrency({ initial: 8 });
    const { answered } = await load(concurrency, new Server(1, 10), { wanted: 100, forMs: 10_000 });
    expect(concurrency.limit).toBe(2);
    expect(answered).toBeGreaterThan(980);
  });

  test.each([4, 12])('is about the parallelism of the server, without a loss of throughput: %i', async (lanes) => {
    const concurrency = new AdaptiveConcurrency();
    const { answered } = await load(concurrency, new Server(lanes, 10), { wanted: 100, forMs: 60_000 });
    expect(concurrency.limit).toBeGreaterThanOrEqual(0.75 * lanes);
    expect(concurrency.limit).toBeLessThanOrEqual(2 * lanes);
    expect(answered).toBeGreaterThan(0.95 * lanes * 6000);
  });

  test('has a reserved seat in addition, except while it measures a single request', async () => {
    const concurrency = new AdaptiveConcurrency({ initial: 4 });
    const server = new Server(1, 10);
    const reserved = new Set<string>();
    const asks = setInterval(() => reserved.add(`${concurrency.limit} and ${concurrency.reserved}`), 1);
    await load(concurrency, server, { wanted: 100, forMs: 800 });
    clearInterval(asks);
    expect([...reserved].sort()).toEqual(['1 and 0', '2 and 1', '4 and 1']);
  });

  test('never exceeds the maximum', async () => {
    const concurrency = new AdaptiveConcurrency({ most: 16 });
    const { limits } = await load(concurrency, new Server(1000, 50), { wanted: 100, forMs: 30_000 });
    expect(Math.max(...limits)).toBe(16);
    expect(concurrency.limit).toBe(16);
  });

  test('does not grow without demand', async () => {
    const concurrency = new AdaptiveConcurrency({ initial: 4 });
    await load(concurrency, new Server(1000, 10), { wanted: 2, forMs: 30_000 });
    expect(concurrency.limit).toBe(4);
  });

  test('falls when other clients load the server, and rises again afterwards', async () => {
    const concurrency = new AdaptiveConcurrency();
    const server = new Server(8, 10);
    await load(concurrency, server, { wanted: 100, forMs: 20_000 });
    expect(concurrency.limit).toBeGreaterThanOrEqual(8);
    server.workMs = 60;
    await load(concurrency, server, { wanted: 100, forMs: 10_000 });
    expect(concurrency.limit).toBe(1);
    server.workMs = 10;
    await load(concurrency, server, { wanted: 100, forMs: 10_000 });
    expect(concurrency.limit).toBeGreaterThanOrEqual(8);
  });

  test('rises again if a server stays slower', async () => {
    const concurrency = new AdaptiveConcurrency();
    const server = new Server(8, 10);
    await load(concurrency, server, { wanted: 100, forMs: 20_000 });
    server.workMs = 60;
    await load(concurrency, server, { wanted: 100, forMs: 400_000 });
    expect(concurrency.limit).toBeGreaterThanOrEqual(8);
  });

  test('is 1 briefly and periodically, to measure a single request', async () => {
    const concurrency = new AdaptiveConcurrency();
    const { limits } = await load(concurrency, new Server(8, 10), { wanted: 100, forMs: 120_000 });
    const alone = limits.filter((limit) => limit === 1).length;
    expect(alone).toBeGreaterThan(3 * 9);
    expect(alone).toBeLessThan(0.01 * limits.length);
  });

  test('counts a failed request, and rethrows its error', async () => {
    const concurrency = new AdaptiveConcurrency();
    const failed = await concurrency.measure(() => Promise.reject(new Error('no'))).catch((error: Error) => error);
    expect(failed).toMatchObject({ message: 'no' });
    const { answered } = await load(concurrency, new Server(1, 10), { wanted: 1, forMs: 1000 });
    expect(answered).toBe(100);
  });
});
