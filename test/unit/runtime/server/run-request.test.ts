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

  test('may have variables, with values and references', () => {
    const reference = { name: 's', key: 'k' };
    const env = [
      { name: 'A' },
      { name: 'B', value: '' },
      { name: 'C', valueFrom: { secretKeyRef: { ...reference, optional: true } } },
      { name: 'D', valueFrom: { configMapKeyRef: reference } },
    ];
    expect(read(runRequest({ env }))).toEqual(runRequest({ env }));
  });

  test('may have files and an import map instead of a source', () => {
    const { source: _, ...rest } = runRequest({ name: 'a.ts' });
    const files = { 'a.ts': '1', '@runtime/vat/vat.ts': '2' };
    const request = { ...rest, files, imports: { vat: '@runtime/vat/vat.ts' } };
    expect(read(request)).toEqual(request);
  });

  const files = { 'script.js': '1' };
  test.each<[string, object]>([
    ['source', { source: 1 }],
    ['source', { source: undefined }],
    ['files', { files }],
    ['files', { source: undefined, files: { 'script.js': 1 } }],
    ['files', { source: undefined, files: ['script.js'] }],
    ['files', { source: undefined, files: { ...files, 'a b.js': '' } }],
    ['files', { source: undefined, files: { ...files, [`${'x'.repeat(520)}.js`]: '' } }],
    ['name', { source: undefined, files: { 'other.js': '1' } }],
    ['name', { source: undefined, files: {}, name: 'constructor' }],
    ['imports', { source: undefined, files, imports: { a: 'none.js' } }],
    ['imports', { source: undefined, files, imports: { a: 'toString' } }],
    ['imports', { source: undefined, files, imports: { a: 1 } }],
    ['language', { language: 'Python' }],
    ['name', { name: undefined }],
    ['params', { params: undefined }],
    ['env', { env: {} }],
    ['env', { env: [{ value: 'x' }] }],
    ['env', { env: [{ name: 'A', value: 1 }] }],
    ['env', { env: [{ name: 'A', value: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }],
    ['env', { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's' } } }] }],
    ['env', { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }],
    ['env', { env: Array.from({ length: 129 }, () => ({ name: 'A' })) }],
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
    ['context.execution.createdBy', { context: { ...context, execution: { ...context.execution, createdBy: {} } } }],
    ['context.requestID', { context: { ...context, requestID: undefined } }],
  ])('is refused for its %s where it is %j', (field, changes) => {
    expect(() => read({ ...runRequest(), ...changes })).toThrow(`${field} is missing or invalid`);
  });

  test.each(['', '{', 'null', '[]', '"text"', '7'])('is refused if it is %j', (text) => {
    expect(() => readRunRequest(Buffer.from(text))).toThrow(/is not JSON|source is missing/);
  });
});
