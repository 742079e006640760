import { describe, expect, test } from '@jest/globals';
import { readRunRequest } from '../../../../src/runtime/server/run-request.ts';
import { runRequest } from './run-requests.ts';

const { context } = runRequest();
const read = (value: unknown) => readRunRequest(Buffer.from(JSON.stringify(value)));

describe('a run request', () => {
  test('round-trips with any params', () => {
    for (const params of [null, 0, '', [], { a: [null] }]) {
      expect(read(runRequest({ params }))).toEqual(runRequest({ params }));
    }
  });

  test.each<[string, object]>([
    ['source', { source: 1 }],
    ['language', { language: 'Python' }],
    ['name', { name: undefined }],
    ['params', { params: undefined }],
    ['tenantKey', { tenantKey: '' }],
    ['limits', { limits: null }],
    ['limits', { limits: { memoryBytes: '64Mi' } }],
    ['limits', { limits: { memoryBytes: -1 } }],
    ['limits', { limits: { memory: 1 } }],
    ['limits', { limits: { memoryBytes: null } }],
    ['context.tenant.id', { context: null }],
    ['context.tenant.id', { context: { ...context, tenant: { name: 'a' } } }],
    ['context.tenant.name', { context: { ...context, tenant: { id: 'a', name: {} } } }],
    ['context.user.permissions', { context: { ...context, user: { id: '', email: '', permissions: [1] } } }],
    ['context.execution.type', { context: { ...context, execution: { id: '', type: 'x', triggeredBy: 'api' } } }],
    ['context.execution.triggeredBy', { context: { ...context, execution: { id: '', type: 'cron' } } }],
    ['context.requestID', { context: { ...context, requestID: undefined } }],
  ])('is refused for its %s where it is %j', (field, changes) => {
    expect(() => read({ ...runRequest(), ...changes })).toThrow(`${field} is missing or invalid`);
  });

  test.each(['', '{', 'null', '[]', '"text"', '7'])('is refused if it is %j', (text) => {
    expect(() => readRunRequest(Buffer.from(text))).toThrow(/is not JSON|source is missing/);
  });
});
