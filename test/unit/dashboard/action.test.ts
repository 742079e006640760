import { expect, test } from '@jest/globals';
import { parseAction } from '../../../src/dashboard/routes/action.ts';

const GOOD = { action: 'cancel', kind: 'executions', namespace: 'shop', name: 'checkout', uid: '0b1c-2' };

test('an action is taken as it is', () => {
  expect(parseAction(GOOD)).toEqual(GOOD);
  expect(parseAction({ ...GOOD, kind: 'schedules', action: 'suspend' })).toMatchObject({ kind: 'schedules' });
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a list', [GOOD]],
  ['a text', 'cancel'],
  ['another action', { ...GOOD, action: 'delete' }],
  ['an action that is a property of every object', { ...GOOD, action: 'toString' }],
  ['another kind', { ...GOOD, kind: 'runtimes' }],
  ['the cancelling of a schedule', { ...GOOD, kind: 'schedules' }],
  ['the rerun of a schedule', { ...GOOD, kind: 'schedules', action: 'rerun' }],
  ['a name with a path', { ...GOOD, name: '../secrets/x' }],
  ['a name with a query', { ...GOOD, name: 'x?dryRun=All' }],
  ['a namespace with a path', { ...GOOD, namespace: 'a/b' }],
  ['no uid', { ...GOOD, uid: undefined }],
  ['a uid with markup', { ...GOOD, uid: '<b>' }],
  ['a patch', { ...GOOD, spec: { source: 'other' } }],
])('%s is refused', (_, body) => {
  expect(() => parseAction(body)).toThrow(expect.objectContaining({ code: 400 }));
});
