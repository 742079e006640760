import { describe, expect, test } from '@jest/globals';
import { MAX_SPANS, MAX_SPANS_BYTES } from '../../../src/api/span.ts';
import { LARGEST_OUTCOME } from '../../../src/cluster/pods/outcome-bounds.ts';
import { runAnswerOf } from '../../../src/cluster/pods/outcome-text.ts';
import { checkedSpans, spansWithin } from '../../../src/cluster/pods/span-check.ts';

const idOf = (number: number): string => number.toString(16).padStart(16, '0');
const span = (more: object = {}): object => ({
  name: 'run',
  kind: 'Server',
  spanID: idOf(1),
  parentSpanID: idOf(9),
  startMs: 1,
  endMs: 2,
  attributes: {},
  ...more,
});

describe('a span of a pod', () => {
  test('is taken where it is well-formed', () => {
    expect(checkedSpans([span({ error: 'no', byScript: true, more: 1 })])).toEqual([
      span({ error: 'no', byScript: true }),
    ]);
  });

  test.each([
    ['no object', 7],
    ['a name that is no text', span({ name: 7 })],
    ['an unknown kind', span({ kind: 'Consumer' })],
    ['an id that is none', span({ spanID: 'abc' })],
    ['the id of nothing', span({ spanID: idOf(0) })],
    ['no parent', span({ parentSpanID: undefined })],
    ['an end before its start', span({ endMs: 0 })],
    ['a time that is none', span({ endMs: Number.POSITIVE_INFINITY })],
  ])('is left out with %s', (_what, value) => {
    expect(checkedSpans([value, span({ spanID: idOf(2) })])).toEqual([span({ spanID: idOf(2) })]);
  });

  test('has no attribute that names another service, namespace or tenant', () => {
    const forged = {
      'service.name': 'other',
      'k8s.namespace.name': 'other',
      'copepod.tenant.id': 'other',
      'copepod.execution.uid': 'other',
      'http.request.method': 'GET',
      'copepod.reason': 'Completed',
      nested: {},
    };
    const [checked] = checkedSpans([span({ attributes: forged })]);
    expect(checked?.attributes).toEqual({ 'http.request.method': 'GET', 'copepod.reason': 'Completed' });
  });

  test('of the script has no attribute of the platform at all', () => {
    const [checked] = checkedSpans([span({ byScript: true, attributes: { 'copepod.reason': 'Completed', a: 1 } })]);
    expect(checked?.attributes).toEqual({ a: 1 });
  });

  test('has no whole number that a collector cannot read', () => {
    const attributes = { a: 1, safe: 2 ** 53 - 1, half: 0.5, unsafe: 2 ** 53, below: -(2 ** 53), huge: 1e300 };
    const [checked] = checkedSpans([span({ attributes })]);
    expect(checked?.attributes).toEqual({ a: 1, safe: 2 ** 53 - 1, half: 0.5 });
  });

  test('is taken once, and no more than a run may have', () => {
    expect(checkedSpans([span(), span()])).toHaveLength(1);
    const many = Array.from({ length: MAX_SPANS + 10 }, (_, index) => span({ spanID: idOf(index + 1) }));
    expect(checkedSpans(many)).toHaveLength(MAX_SPANS);
  });
});

describe('spans of a run', () => {
  const asker = idOf(100);

  test('are within what has asked for it, whatever they say of others', () => {
    const spans = checkedSpans([
      span({ spanID: idOf(1), parentSpanID: idOf(77) }),
      span({ spanID: idOf(2), parentSpanID: idOf(1) }),
      span({ spanID: idOf(3), parentSpanID: idOf(3) }),
    ]);
    expect(spansWithin(spans, asker).map(({ parentSpanID }) => parentSpanID)).toEqual([asker, idOf(1), asker]);
  });

  test('cannot take the place of what has asked for it', () => {
    expect(spansWithin(checkedSpans([span({ spanID: asker })]), asker)).toEqual([]);
  });

  test('that are more than a pod may report are none, and the outcome is as it is', () => {
    const outcome = (spans: unknown): object => ({ reason: 'Completed', logs: [], spans });
    const answer = (spans: unknown) =>
      runAnswerOf(JSON.stringify({ state: 'finished', outcome: outcome(spans) }), LARGEST_OUTCOME)?.outcome;
    expect(answer([span({ attributes: { a: 1 } })])).toMatchObject({ spans: [span({ attributes: { a: 1 } })] });
    expect(answer([span({ name: 'x'.repeat(MAX_SPANS_BYTES) })])).toMatchObject({
      reason: 'Completed',
      spans: undefined,
    });
    expect(answer('none')).toMatchObject({ reason: 'Completed', spans: undefined });
    expect(answer([[[]], null])).toMatchObject({ reason: 'Completed', spans: [undefined, undefined] });
  });
});
