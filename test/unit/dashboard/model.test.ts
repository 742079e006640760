import { describe, expect, test } from '@jest/globals';
import type { ExecutionRow } from '../../../src/dashboard/messages.ts';
import { countStates, EVERYTHING, matching, shown, type View } from '../../../src/dashboard/page/list/model.ts';

const row = (name: string, fields: Partial<ExecutionRow> = {}): ExecutionRow => ({
  kind: 'executions',
  uid: name,
  namespace: 'shop',
  name,
  version: '1',
  created: '2026-11-30T10:00:00Z',
  runtime: 'default',
  tenant: 'acme',
  state: 'succeeded',
  reason: 'Completed',
  since: '2026-11-30T10:00:00Z',
  ...fields,
});

const ROWS = [
  row('done-early', { since: '2026-11-30T10:00:01Z' }),
  row('failed-late', {
    state: 'failed',
    reason: 'RuntimeError',
    error: 'Error: no VAT',
    since: '2026-11-30T10:00:03Z',
  }),
  row('runs-short', { state: 'running', reason: 'Running', since: '2026-11-30T10:00:09Z' }),
  row('waits', { state: 'waiting', reason: 'Saturated', since: '2026-11-30T10:00:05Z', tenant: 'globex' }),
  row('runs-long', { state: 'running', reason: 'Running', since: '2026-11-30T10:00:02Z', runtime: 'batch' }),
  row('held', { state: 'suspended', reason: 'Suspended', created: '2026-11-30T11:00:00Z' }),
];

const names = (view: Partial<View>): string[] => shown(ROWS, { ...EVERYTHING, ...view }).map(({ name }) => name);

describe('executions in a list', () => {
  test('are in the order of their activity: longest running, longest waiting, suspended, then those that ended last', () => {
    expect(names({})).toEqual(['runs-long', 'runs-short', 'waits', 'held', 'failed-late', 'done-early']);
  });

  test.each<[string, Partial<View>, string[]]>([
    ['a word of the name', { text: 'RUNS' }, ['runs-long', 'runs-short']],
    ['words of several fields', { text: 'vat failed' }, ['failed-late']],
    ['a tenant', { text: 'globex' }, ['waits']],
    ['a reason', { text: 'saturated' }, ['waits']],
    ['blanks alone', { text: '  ' }, names({})],
    ['a state', { states: new Set(['running'] as const) }, ['runs-long', 'runs-short']],
    ['states and a word', { states: new Set(['running', 'failed'] as const), text: 'late' }, ['failed-late']],
    ['nothing that there is', { text: 'x y z' }, []],
  ])('are filtered by %s', (_, view, expected) => {
    expect(names(view)).toEqual(expected);
  });

  test.each<[View['sort'], string]>([
    ['name', 'done-early'],
    ['runtime', 'runs-long'],
    ['tenant', 'done-early'],
    ['age', 'held'],
  ])('are sorted by %s, and the other way round', (sort, first) => {
    expect(names({ sort })[0]).toBe(first);
    expect(names({ sort, isReversed: true }).at(-1)).toBe(first);
  });

  test('are counted by state', () => {
    expect(countStates(ROWS)).toEqual({ running: 2, waiting: 1, suspended: 1, succeeded: 1, failed: 1 });
  });
});

test('other lists are filtered by the fields that they name', () => {
  expect(matching(ROWS, 'BATCH runs', ({ name, runtime }) => [name, runtime])).toEqual([ROWS[4]]);
});
