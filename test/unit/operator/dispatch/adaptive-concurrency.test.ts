import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AdaptiveConcurrency } from '../../../../src/operator/dispatch/adaptive-concurrency.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Answers so many requests at once, each after so long; the others wait. */
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
  /** How many requests want to be under way at once. */
  readonly wanted: number;
  readonly forMs: number;
}

/** Keeps as many requests under way as it may. Gives how many were answered, and the limits that were seen. */
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

describe('how much is asked of a server at once', () => {
  test('is little where it answers one after another, and no slower for that', async () => {
    const concurrency = new AdaptiveConcurrency({ initial: 8 });
    const { answered } = await load(concurrency, new Server(1, 10), { wanted: 100, forMs: 10_000 });
    expect(concurrency.limit).toBe(2);
    expect(answered).toBeGreaterThan(980);
  });

  test.each([4, 12])('is what it answers side by side, and little more than twice as much: %i', async (lanes) => {
    const concurrency = new AdaptiveConcurrency();
    const { answered } = await load(concurrency, new Server(lanes, 10), { wanted: 100, forMs: 60_000 });
    expect(concurrency.limit).toBeGreaterThanOrEqual(lanes);
    expect(concurrency.limit).toBeLessThanOrEqual(2 * lanes + 1);
    expect(answered).toBeGreaterThan(0.95 * lanes * 6000);
  });

  test('has a reserved seat beyond it, but not while it probes how long one takes alone', async () => {
    const concurrency = new AdaptiveConcurrency({ initial: 4 });
    const server = new Server(1, 10);
    const reserved = new Set<string>();
    const asks = setInterval(() => reserved.add(`${concurrency.limit} and ${concurrency.reserved}`), 1);
    await load(concurrency, server, { wanted: 100, forMs: 800 });
    clearInterval(asks);
    expect([...reserved].sort()).toEqual(['1 and 0', '2 and 1', '4 and 1']);
  });

  test('is never more than the most', async () => {
    const concurrency = new AdaptiveConcurrency({ most: 16 });
    const { limits } = await load(concurrency, new Server(1000, 50), { wanted: 100, forMs: 30_000 });
    expect(Math.max(...limits)).toBe(16);
    expect(concurrency.limit).toBe(16);
  });

  test('does not grow where no more is wanted', async () => {
    const concurrency = new AdaptiveConcurrency({ initial: 4 });
    await load(concurrency, new Server(1000, 10), { wanted: 2, forMs: 30_000 });
    expect(concurrency.limit).toBe(4);
  });

  test('falls when others use the server, and rises again when they have gone', async () => {
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

  test('rises again where a server has become slower for good', async () => {
    const concurrency = new AdaptiveConcurrency();
    const server = new Server(8, 10);
    await load(concurrency, server, { wanted: 100, forMs: 20_000 });
    server.workMs = 60;
    await load(concurrency, server, { wanted: 100, forMs: 400_000 });
    expect(concurrency.limit).toBeGreaterThanOrEqual(8);
  });

  test('is one for a moment now and then, to learn how long one takes, and not for longer', async () => {
    const concurrency = new AdaptiveConcurrency();
    const { limits } = await load(concurrency, new Server(8, 10), { wanted: 100, forMs: 120_000 });
    const alone = limits.filter((limit) => limit === 1).length;
    expect(alone).toBeGreaterThan(3 * 9);
    expect(alone).toBeLessThan(0.01 * limits.length);
  });

  test('counts a request that fails, and hands on how it failed', async () => {
    const concurrency = new AdaptiveConcurrency();
    const failed = await concurrency.measure(() => Promise.reject(new Error('no'))).catch((error: Error) => error);
    expect(failed).toMatchObject({ message: 'no' });
    const { answered } = await load(concurrency, new Server(1, 10), { wanted: 1, forMs: 1000 });
    expect(answered).toBe(100);
  });
});
