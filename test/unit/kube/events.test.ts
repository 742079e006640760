import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { EventSeries } from '../../../src/kube/event-series.ts';
import { clipBytes, eventObject } from '../../../src/kube/events.ts';
import { TokenBucket } from '../../../src/kube/token-bucket.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const started = { reason: 'Started', action: 'Run', note: 'it runs' };

describe('an event', () => {
  const newSeries = (burst = 25): EventSeries =>
    new EventSeries({ endsAfterMs: 60_000, perObject: { burst, refillEveryMs: 1000 } });

  test.each([
    ['the same again', 'u', started, 'repeated'],
    ['of another object', 'v', started, 'new'],
    ['of another reason', 'u', { ...started, reason: 'Stopped' }, 'new'],
    ['with another note', 'u', { ...started, note: 'it runs again' }, 'new'],
    ['of another type', 'u', { ...started, type: 'Warning' as const }, 'new'],
    ['with its default type spelled out', 'u', { ...started, type: 'Normal' as const }, 'repeated'],
  ])('%s', (_, uid, event, kind) => {
    const series = newSeries();
    expect(series.record('u', started, new Date()).kind).toBe('new');
    expect(series.record(uid, event, new Date()).kind).toBe(kind);
  });

  test('is counted on each repetition, and is new after a quiet period', () => {
    const series = newSeries();
    for (let time = 1; time <= 5; time += 1) {
      const decision = series.record('u', started, new Date());
      expect(decision).toMatchObject({ kind: time === 1 ? 'new' : 'repeated', series: { count: time } });
      jest.advanceTimersByTime(50_000); // shorter than the quiet period that ends a series, and longer in total
    }
    jest.advanceTimersByTime(60_001);
    expect(series.record('u', started, new Date())).toMatchObject({ kind: 'new', series: { count: 1 } });
  });

  test('is dropped once a burst of different events of the same object is used up', () => {
    const series = newSeries(3);
    const kinds = Array.from(
      { length: 5 },
      (_, index) => series.record('u', { ...started, note: `${index}` }, new Date()).kind,
    );
    expect(kinds).toEqual(['new', 'new', 'new', 'dropped', 'dropped']);
    expect(series.record('other', started, new Date()).kind).toBe('new');
    jest.advanceTimersByTime(1000);
    expect(series.record('u', { ...started, note: 'later' }, new Date()).kind).toBe('new');
  });

  test('is truncated to the field lengths of the API', () => {
    const name = `${'long-name.'.repeat(25)}x`;
    const regarding = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'n', uid: 'u' } };
    const event = eventObject(
      regarding,
      { reason: 'R'.repeat(500), action: 'A'.repeat(500), note: 'é'.repeat(5000) },
      { controller: 'example.com/c', instance: 'i'.repeat(500), at: new Date('2026-01-01T00:00:00Z') },
    );
    expect(event.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
    expect(event.metadata.name.length).toBeLessThanOrEqual(253);
    expect(event.metadata.name).not.toMatch(/[-.]\./);
    expect(Buffer.byteLength(event.note ?? '')).toBeLessThanOrEqual(1024);
    expect(event).toMatchObject({ reason: 'R'.repeat(128), eventTime: '2026-01-01T00:00:00.000000Z', type: 'Normal' });
  });
});

describe('clipBytes', () => {
  test.each([
    ['short', 10, 'short'],
    ['0123456789', 10, '0123456789'],
    ['0123456789a', 10, '0123456…'],
    ['ééééééé', 10, 'ééé…'],
    ['😀😀😀', 10, '😀…'],
  ])('%s truncated to %i bytes is %s', (text, bytes, cut) => {
    expect(clipBytes(text, bytes)).toBe(cut);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytes);
  });
});

describe('a token bucket', () => {
  test('allows a burst, then one per refill interval, and holds at most a burst', () => {
    const bucket = new TokenBucket({ burst: 2, refillEveryMs: 100 }, 0);
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([true, true, false]);
    expect([bucket.take(99), bucket.take(100), bucket.take(101)]).toEqual([false, true, false]);
    expect([bucket.take(10_000), bucket.take(10_000), bucket.take(10_000)]).toEqual([true, true, false]);
  });
});
