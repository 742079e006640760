import { describe, expect, test } from '@jest/globals';
import { ApiError, apiError, mayHaveHappened, TransportError } from '../../../src/kube/api-error.ts';
import { DEFAULT_RETRY, isSafeToRetry, withRetries } from '../../../src/kube/retry.ts';

const refused = new TransportError('refused', 'ECONNREFUSED', { neverSent: true });
const broken = new TransportError('broken', 'ECONNRESET');
const answer = (status: number): ApiError => new ApiError(status, {});

describe('a request is retried', () => {
  test.each([
    ['GET', 'never sent', refused, true],
    ['GET', 'no answer', broken, true],
    ['GET', '429', answer(429), true],
    ['GET', '500', answer(500), true],
    ['GET', '503', answer(503), true],
    ['GET', '404', answer(404), false],
    ['GET', '410', answer(410), false],
    ['PUT', 'never sent', refused, true],
    ['PUT', 'no answer', broken, false],
    ['PUT', '429', answer(429), true],
    ['PUT', '409', answer(409), false],
    ['PUT', '500', answer(500), false],
    ['POST', '503', answer(503), false],
    ['POST', '504', answer(504), false],
    ['PATCH', 'no answer', broken, false],
    ['DELETE', '500', answer(500), false],
    ['DELETE', 'a bug', new TypeError(), false],
  ])('%s after %s', (method, _, error, again) => {
    expect(isSafeToRetry(method, error)).toBe(again);
  });

  test.each([
    ['never sent', refused, false],
    ['no answer', broken, true],
    ['a refusal', answer(409), false],
    ['too many requests', answer(429), false],
    ['an error of the server', answer(500), true],
  ])('whether a write may have taken effect: %s', (_, error, happened) => {
    expect(mayHaveHappened(error)).toBe(happened);
  });

  const quick = { ...DEFAULT_RETRY, baseMs: 1, maxMs: 2 };

  test('until it succeeds', async () => {
    let tries = 0;
    const result = await withRetries('GET', quick, undefined, async () => {
      tries += 1;
      if (tries < 3) throw broken;
      return tries;
    });
    expect(result).toBe(3);
  });

  test('at most maxTries times', async () => {
    let tries = 0;
    const failing = withRetries('GET', quick, undefined, async () => {
      tries += 1;
      throw broken;
    });
    await expect(failing).rejects.toBe(broken);
    expect(tries).toBe(5);
  });

  test('no sooner than Retry-After', async () => {
    let tries = 0;
    const startedAt = performance.now();
    await withRetries('PUT', quick, undefined, async () => {
      tries += 1;
      if (tries === 1) throw new ApiError(429, {}, 120);
    });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(119);
  });

  test('not at all if Retry-After exceeds the limit', async () => {
    const busy = new ApiError(429, { details: { retryAfterSeconds: 60 } });
    await expect(withRetries('GET', quick, undefined, () => Promise.reject(busy))).rejects.toBe(busy);
  });

  test('until the signal is aborted', async () => {
    const stop = new AbortController();
    const failing = withRetries('GET', { ...quick, baseMs: 60_000, maxMs: 60_000 }, stop.signal, async () => {
      setTimeout(() => stop.abort(new Error('enough')), 5);
      throw broken;
    });
    await expect(failing).rejects.toThrow('enough');
  });
});

describe('the error of an answer', () => {
  test('has the message of the Status', () => {
    const text = JSON.stringify({ kind: 'Status', reason: 'Conflict', message: 'changed', details: { name: 'a' } });
    expect(apiError(409, text, undefined)).toMatchObject({
      status: 409,
      reason: 'Conflict',
      message: 'changed',
      details: { name: 'a' },
      retryAfterMs: undefined,
    });
  });

  test('has the Retry-After of the header or the details', () => {
    expect(apiError(429, '', '2').retryAfterMs).toBe(2000);
    const text = JSON.stringify({ kind: 'Status', details: { retryAfterSeconds: 3 } });
    expect(apiError(503, text, undefined).retryAfterMs).toBe(3000);
  });

  test('is the beginning of the text if the answer is not a Status', () => {
    expect(apiError(502, `<html>${'x'.repeat(1000)}`, undefined).message).toHaveLength(200);
    expect(apiError(502, '', undefined).message).toBe('the API server answered 502');
  });
});
