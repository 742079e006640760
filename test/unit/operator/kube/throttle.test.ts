import { describe, expect, test } from '@jest/globals';
import { ApiError } from '../../../../src/operator/kube/api-error.ts';
import { Throttle } from '../../../../src/operator/kube/throttle.ts';

const refused = (retryAfterMs?: number): ApiError => new ApiError(429, {}, retryAfterMs);

describe('where the API server has asked to stay away', () => {
  test('who comes waits until the time is over, for each kind alone, its subresources among it', async () => {
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

  test('who would wait too long is refused at once, and told for how long', async () => {
    const throttle = new Throttle();
    throttle.refused('things', refused(30_000));
    const error = await throttle.pass('things', 10_000, undefined).catch((each: unknown) => each);
    expect(error).toMatchObject({ status: 429, reason: 'TooManyRequests' });
    expect((error as ApiError).retryAfterMs).toBeGreaterThan(20_000);
  });

  test('it is obeyed for a minute at most', async () => {
    const throttle = new Throttle();
    throttle.refused('things', refused(3_600_000));
    const error = await throttle.pass('things', 10_000, undefined).catch((each: unknown) => each);
    expect((error as ApiError).retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test('only the time that is new counts, and only what it has asked for', () => {
    const throttle = new Throttle();
    expect(throttle.refused('things', refused(10_000))).toBeCloseTo(10_000, 3);
    expect(throttle.refused('things', refused(10_000))).toBeLessThan(5000);
    const more = throttle.refused('things', refused(30_000));
    expect([more > 15_000, more < 25_000]).toEqual([true, true]);
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
