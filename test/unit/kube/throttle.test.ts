import { describe, expect, test } from '@jest/globals';
import { ApiError } from '../../../src/kube/api-error.ts';
import { Throttle } from '../../../src/kube/throttle.ts';

const refused = (retryAfterMs?: number): ApiError => new ApiError(429, {}, retryAfterMs);

describe('while the API server throttles a resource', () => {
  test('requests wait until Retry-After is over, per resource, subresources included', async () => {
    const throttle = new Throttle();
    const refusedAt = performance.now();
    throttle.refused('things/status', refused(80));
    const passed: string[] = [];
    const pass = async (resource: string): Promise<void> => {
      await throttle.pass(resource, 10_000, undefined);
      passed.push(resource);
    };
    await Promise.all(['things', 'others'].map(pass));
    expect(passed).toEqual(['others', 'things']);
    expect(performance.now() - refusedAt).toBeGreaterThanOrEqual(80);
  });

  test('a request that would wait too long is refused at once, with the remaining time', async () => {
    const throttle = new Throttle();
    throttle.refused('things', refused(30_000));
    const error = await throttle.pass('things', 10_000, undefined).catch((each: unknown) => each);
    expect(error).toMatchObject({ status: 429, reason: 'TooManyRequests' });
    expect((error as ApiError).retryAfterMs).toBeGreaterThan(20_000);
  });

  test('a Retry-After is honoured for at most a minute', async () => {
    const throttle = new Throttle();
    throttle.refused('things', refused(3_600_000));
    const error = await throttle.pass('things', 10_000, undefined).catch((each: unknown) => each);
    expect((error as ApiError).retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test('only additional time is counted, and only for 429', () => {
    const throttle = new Throttle();
    expect(throttle.refused('things', refused(10_000))).toBeCloseTo(10_000, 3);
    expect(throttle.refused('things', refused(10_000))).toBeLessThan(5000);
    const more = throttle.refused('things', refused(30_000));
    expect([more > 15_000, more < 25_000]).toEqual([true, true]);
    expect(throttle.refused('others', refused())).toBe(0);
    expect(throttle.refused('others', new ApiError(503, {}, 1000))).toBe(0);
  });

  test('the wait ends when the signal is aborted', async () => {
    const throttle = new Throttle();
    throttle.refused('things', refused(5000));
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 5);
    await expect(throttle.pass('things', 10_000, stop.signal)).rejects.toThrow('enough');
  });
});
