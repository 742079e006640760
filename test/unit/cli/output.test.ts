import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { makeExecution } from '../../../src/api/defaults.ts';
import type { ScriptExecution, ScriptExecutionStatus } from '../../../src/api/types.generated.ts';
import { codeFrame } from '../../../src/cli/output/code-frame.ts';
import { jsonText, listText } from '../../../src/cli/output/list.ts';
import { terminalStyle } from '../../../src/cli/output/style.ts';
import { durationText, Table } from '../../../src/cli/output/table.ts';
import { summaryText } from '../../../src/cli/run/report.ts';

delete process.env.FORCE_COLOR;
const PLAIN = terminalStyle(new PassThrough() as unknown as NodeJS.WriteStream);

function ended(
  name: string,
  succeeded: 'True' | 'False' | 'Unknown',
  reason: string,
  rest: object = {},
): ScriptExecution {
  const conditions = [{ type: 'Succeeded', status: succeeded, reason, message: 'why', lastTransitionTime: '' }];
  const status = { conditions, ...rest } as ScriptExecutionStatus;
  return { ...makeExecution({ name, namespace: 'ns' }, { source: '1' }), status };
}

describe('a code frame', () => {
  test.each<[string, string, { line: number; column?: number }, string]>([
    [
      'points at the column',
      'let a;\nlet b = ];\n',
      { line: 2, column: 9 },
      '  1 | let a;\n> 2 | let b = ];\n    |         ^',
    ],
    ['marks a line without one', 'a\nb\nc', { line: 2 }, '  1 | a\n> 2 | b\n  3 | c'],
    ['counts CRLF as one end of line', 'a\r\nbc\r\n', { line: 2, column: 2 }, '  1 | a\n> 2 | bc\n    |  ^'],
    ['does not count a BOM', '\uFEFFab', { line: 1, column: 2 }, '> 1 | ab\n    |  ^'],
    ['keeps tabs under tabs', '\ta', { line: 1, column: 2 }, '> 1 | \ta\n    | \t^'],
    ['widens what it escapes', '\u202ea', { line: 1, column: 2 }, '> 1 | \\u202ea\n    |       ^'],
  ])('%s', (_, source, place, frame) => {
    expect(codeFrame(source, place, false)).toBe(frame);
  });

  test('shows the part around the column of a very long line', () => {
    const source = `${'x'.repeat(5000)}!${'y'.repeat(5000)}`;
    const [line = '', mark = ''] = (codeFrame(source, { line: 1, column: 5001 }, false) ?? '').split('\n');
    expect(line.length).toBeLessThan(200);
    expect(line[mark.indexOf('^')]).toBe('!');
  });

  test('is missing for a line out of range', () => {
    expect(codeFrame('a', { line: 3, column: 1 }, false)).toBeUndefined();
  });
});

describe('a List', () => {
  const nasty = {
    '\u202ekey': 'a\u001b[31m\u009b\u202e\u{e0041}é',
    lines: 'one\ntwo\u202e\n',
    on: 'yes',
    date: '2026-01-01',
  };
  const item = ended('x', 'True', 'Completed', { result: nasty });

  test.each(['json', 'yaml'] as const)('as %s has all values, and no terminal control characters', async (format) => {
    const text = listText([item], format);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test checks that there are none
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u{e0041}]/u);
    expect(text).toContain('é');
    const list = format === 'json' ? JSON.parse(text) : parse(text);
    expect(list.items[0].status.result).toEqual(nasty);
    expect(list).toMatchObject({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' } });
  });

  test('in YAML quotes strings that YAML 1.1 would convert', async () => {
    const text = listText([item], 'yaml');
    expect(text).toContain('on": "yes"');
    expect(text).toContain('date: "2026-01-01"');
  });

  test('in JSON ends with a line feed', () => {
    expect(jsonText({ a: 1 })).toBe('{\n  "a": 1\n}\n');
  });
});

describe('the table', () => {
  test('has a namespace column if there are several', () => {
    const other = ended('b', 'True', 'Completed');
    const items = [ended('a', 'True', 'Completed'), { ...other, metadata: { ...other.metadata, namespace: 'else' } }];
    expect(new Table(items.slice(0, 1), PLAIN).header()).toMatch(/^NAME /);
    expect(new Table(items, PLAIN).header()).toMatch(/^NAMESPACE +NAME +SUCCEEDED +REASON +DURATION +RESULT\n$/);
  });

  test.each<[string, ScriptExecution, RegExp]>([
    ['a result', ended('a', 'True', 'Completed', { result: { b: 1 } }), /\{"b":1\}\n$/],
    ['a result of null', ended('a', 'True', 'Completed', { result: null }), / null\n$/],
    ['no result', ended('a', 'True', 'Completed'), / -\n$/],
    ['an error', ended('a', 'False', 'RuntimeError', { error: { message: 'no\nmore', line: 3 } }), / no \(line 3\)\n$/],
    ['neither', ended('a', 'False', 'Cancelled'), / why\n$/],
    ['a long one', ended('a', 'True', 'Completed', { result: 'x'.repeat(500) }), /x…\n$/],
  ])('shows %s', (_, item, row) => {
    const text = new Table([item], PLAIN, 80).row(item);
    expect(text).toMatch(row);
    expect(text.length).toBeLessThanOrEqual(81);
  });

  test.each([
    [0, '0ms'],
    [12.4, '12ms'],
    [999, '999ms'],
    [1250, '1.25s'],
    [30_000, '30s'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  test('has a summary in a fixed order', () => {
    const items = [
      ended('a', 'Unknown', 'Pending'),
      ended('b', 'False', 'Cancelled'),
      ended('c', 'False', 'RuntimeError'),
    ];
    expect(summaryText(items)).toBe('0 succeeded, 1 failed, 1 cancelled, 1 not started');
    expect(summaryText([ended('a', 'Unknown', 'Suspended')])).toBe('0 succeeded, 1 suspended');
  });
});
