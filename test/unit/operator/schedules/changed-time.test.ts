import { expect, test } from '@jest/globals';
import type { ManagedFieldsEntry } from '../../../../src/kube/object.ts';
import { scheduleChangedMs } from '../../../../src/operator/schedules/changed-time.ts';

const entry = (time: string | undefined, fieldsV1: ManagedFieldsEntry['fieldsV1']): ManagedFieldsEntry => ({
  ...(time === undefined ? {} : { time }),
  ...(fieldsV1 === undefined ? {} : { fieldsV1 }),
});
const schedule = { 'f:spec': { '.': {}, 'f:schedule': {} } };

test.each<[string, ManagedFieldsEntry[] | undefined, string | undefined]>([
  ['no managed fields', undefined, undefined],
  ['the client that set the schedule', [entry('2026-11-30T10:00:00Z', schedule)], '2026-11-30T10:00:00Z'],
  ['the time zone', [entry('2026-11-30T10:00:00Z', { 'f:spec': { 'f:timeZone': {} } })], '2026-11-30T10:00:00Z'],
  ['another field', [entry('2026-11-30T10:00:00Z', { 'f:spec': { 'f:suspend': {} } })], undefined],
  ['the status', [entry('2026-11-30T10:00:00Z', { 'f:status': { 'f:schedule': {} } })], undefined],
  [
    'the last of two clients',
    [entry('2026-11-30T10:00:00Z', schedule), entry('2026-11-30T11:00:00Z', schedule)],
    '2026-11-30T11:00:00Z',
  ],
  ['an entry without a time', [entry(undefined, schedule)], undefined],
  ['an entry without fields', [entry('2026-11-30T10:00:00Z', undefined)], undefined],
])('when a schedule was changed, by %s', (_, managedFields, expected) => {
  const changedMs = scheduleChangedMs({ metadata: { name: 'tick', ...(managedFields ? { managedFields } : {}) } });
  expect(changedMs).toBe(expected === undefined ? undefined : Date.parse(expected));
});
