import { describe, expect, test } from '@jest/globals';
import { ApiError } from '../../../../src/operator/kube/api-error.ts';
import { Throttle } from '../../../../src/operator/kube/throttle.ts';

const refused = (retryAfterMs?: number): ApiError => new ApiError(429, {}, retryAfterMs);

/** How long it takes to pass. */
async function passes(throttle: Throttle, resource: string): Promise<number> {
  const startedAt = performance.now();
  await throttle.pass(resource, 10_000, undefined);
  return performance.now() - startedAt;
}

describe('where the API server has asked to stay away', () => {
  test('who comes waits until the time is over, for each kind alone, its subresources among it', async () => {
    const throttle = new Throttle();
    throttle.refused('things/status', refused(80));
    expect(await passes(throttle, 'others')).toBeLessThan(40);
    expect(await passes(throttle, 'things')).toBeGreaterThan(60);
    expect(await passes(throttle, 'things')).toBeLessThan(40);
  });

  test('who would wait too long is refused at once, and told for how long', async () => {
    const throttle = new Throttle();
    throttle.refused('things', refused(30_000));
    const error = await throttle.pass('things', 10_000, undefined).catch((each: unknown) => each);
    expect(error).toMatchObject({ status: 429, reason: 'TooManyRequests' });
    expect((error as ApiError).retryAfterMs).toBeGreaterThan(29_000);
  });

  test('it is obeyed for a minute at most', async () => {
    const throttle = new Throttle();
    throttle.refused('things', refused(3_600_000));
    const error = await throttle.pass('things', 10_000, undefined).catch((each: unknown) => each);
    expect((error as ApiError).retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test('only the time that is new counts, and only what it has asked for', () => {
    const throttle = new Throttle();
    expect(throttle.refused('things', refused(1000))).toBeCloseTo(1000, -1);
    expect(throttle.refused('things', refused(1000))).toBeLessThan(100);
    expect(throttle.refused('things', refused(3000))).toBeCloseTo(2000, -2);
    expect(throttle.refused('others', refused())).toBe(0);
    expect(throttle.refused('others', new ApiError(503, {}, 1000))).toBe(0);
  });

  test('the wait ends with the signal', async () => {
    const throttle = new Throttle();
    throttle.refused('things', refused(5000));
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 5);
    await expect(throttle.pass('things', 10_000, stop.signal)).rejects.toThrow('enough');
  });
});
