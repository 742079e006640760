import { describe, expect, test } from '@jest/globals';
import { ScriptSpans } from '../../../../src/runtime/sandbox/script-spans.ts';
import { MAX_SETS_LENGTH } from '../../../../src/runtime/wire/span-budget.ts';
import { MAX_SETS, MAX_SPANS } from '../../../../src/runtime/wire/span-step.ts';

const start = (spans: ScriptSpans, name = 'a'): number => spans.handle('start', name, undefined) as number;

/** Enters a span and lets the code that has called it run to its end: what goes on has awaited something. */
function enterAndAwait(spans: ScriptSpans, name: string): number {
  const span = start(spans, name);
  const before = spans.handle('enter', span, undefined);
  spans.handle('leave', before, undefined);
  spans.handle('break', undefined, undefined);
  return span;
}

describe('a call belongs to', () => {
  const made = (): ScriptSpans => new ScriptSpans(() => {});

  test('no span before there is one', () => {
    expect(made().mark).toEqual({});
  });

  test('the span whose callback is running, also where others are open', () => {
    const spans = made();
    enterAndAwait(spans, 'other');
    const span = start(spans);
    const before = spans.handle('enter', span, undefined);
    expect(spans.mark).toEqual({ span });
    spans.handle('leave', before, undefined);
    expect(spans.mark).toEqual({});
  });

  test('the innermost open span after an await', () => {
    const spans = made();
    const outer = enterAndAwait(spans, 'outer');
    const inner = enterAndAwait(spans, 'inner');
    expect(spans.mark).toEqual({ span: inner });
    spans.handle('end', inner, undefined);
    expect(spans.mark).toEqual({ span: outer });
    spans.handle('end', outer, undefined);
    expect(spans.mark).toEqual({});
  });

  test('the span around several that are open beside each other', () => {
    const spans = made();
    const outer = start(spans);
    spans.handle('enter', outer, undefined);
    for (const name of ['left', 'right']) {
      const before = spans.handle('enter', start(spans, name), undefined);
      spans.handle('leave', before, undefined);
    }
    spans.handle('break', undefined, undefined);
    expect(spans.mark).toEqual({ span: outer });
  });

  test('no span that is only started', () => {
    const spans = made();
    start(spans);
    expect(spans.mark).toEqual({});
  });

  test('the span around one that ends before its parts', () => {
    const spans = made();
    const outer = enterAndAwait(spans, 'outer');
    const middle = enterAndAwait(spans, 'middle');
    const inner = enterAndAwait(spans, 'inner');
    spans.handle('end', middle, undefined);
    expect(spans.mark).toEqual({ span: inner });
    spans.handle('end', inner, undefined);
    expect(spans.mark).toEqual({ span: outer });
  });
});

describe('what leaves the sandbox', () => {
  test('is nothing where the execution is not traced, and names are judged all the same', () => {
    const spans = new ScriptSpans(undefined);
    expect(start(spans)).toBe(-1);
    expect(spans.handle('active', undefined, undefined)).toBe(-1);
    expect(spans.handle('set', -1, '{"attributes":{"k8s.pod.name":"x"}}')).toContain('k8s.pod.name');
    expect(spans.handle('set', -1, '{"attributes":{"a":1}}')).toBeUndefined();
  });

  test('is no more than the supervisor takes', () => {
    const sent: { step: string }[] = [];
    const spans = new ScriptSpans((step) => void sent.push(step));
    const numbers = Array.from({ length: MAX_SPANS + 5 }, () => start(spans));
    for (let times = 0; times < MAX_SETS + 5; times++) spans.handle('set', 1, '{"attributes":{"a":1}}');

    expect(numbers.slice(-6)).toEqual([MAX_SPANS, -1, -1, -1, -1, -1]);
    expect(sent.filter(({ step }) => step === 'start')).toHaveLength(MAX_SPANS);
    expect(sent.filter(({ step }) => step === 'set')).toHaveLength(MAX_SETS);
  });

  test('is one end of each span, however often a script ends it', () => {
    const sent: { step: string }[] = [];
    const spans = new ScriptSpans((step) => void sent.push(step));
    for (const span of [start(spans), start(spans)]) {
      for (let times = 0; times < 1000; times++) spans.handle('end', span, undefined);
    }
    expect(sent.filter(({ step }) => step === 'end')).toHaveLength(2);
  });

  test('is no attribute beyond what all of them may have together, and no error of the script', () => {
    const sent: { step: string }[] = [];
    const spans = new ScriptSpans((step) => void sent.push(step));
    const json = JSON.stringify({ attributes: { a: 'x'.repeat(4095) } });
    for (let times = 0; times < 100; times++) expect(spans.handle('set', 0, json)).toBeUndefined();
    expect(sent).toHaveLength(MAX_SETS_LENGTH / 4096);
  });

  test.each([
    ['a reserved name', '{"attributes":{"service.name":"x"}}', 'service.name'],
    ['a name that is none', '{"attributes":{"0a":1}}', 'the name of an attribute'],
    ['a name too long', JSON.stringify({ attributes: { ['a'.repeat(65)]: 1 } }), 'the name of an attribute'],
    [
      'too many',
      JSON.stringify({ attributes: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`a${i}`, i])) }),
      '32',
    ],
  ])('is no attribute with %s', (_what, json, problem) => {
    const sent: object[] = [];
    const spans = new ScriptSpans((step) => void sent.push(step));
    expect(spans.handle('set', 0, json)).toContain(problem);
    expect(sent).toEqual([]);
  });
});
