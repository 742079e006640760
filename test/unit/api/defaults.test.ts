import { describe, expect, test } from '@jest/globals';
import { admitsTenant, defaultRuntime, fillContext, makeExecution, tenantKey } from '../../../src/api/defaults.ts';
import { validateObject } from '../../../src/api/validate.ts';

const metadata = { name: 'hello', namespace: 'acme', uid: 'uid-1' };
const fresh = { requestID: 'fresh' };

describe('the context of a script', () => {
  test('has defaults for omitted fields', () => {
    expect(fillContext(makeExecution(metadata, { source: '1' }), fresh)).toEqual({
      tenant: { id: 'acme', name: 'acme' },
      user: { id: '', email: '', permissions: [] },
      execution: { id: 'uid-1', type: 'one_off', triggeredBy: 'user' },
      requestID: 'fresh',
    });
  });

  test('is that of the manifest, except for the id of the execution', () => {
    const context = {
      tenant: { id: 't-1', name: 'Acme' },
      user: { id: 'u-1', email: 'a@example.com', permissions: ['read'] },
      execution: { type: 'cron', triggeredBy: 'system', createdBy: 'jane' },
      requestID: 'r-1',
    };
    expect(fillContext(makeExecution(metadata, { source: '1', context }), fresh)).toEqual({
      ...context,
      execution: { ...context.execution, id: 'uid-1' },
    });
  });

  test('uses the id of a tenant without a name as its name', () => {
    const execution = makeExecution(metadata, { source: '1', context: { tenant: { id: 't-1' } } });
    expect(fillContext(execution, fresh).tenant).toEqual({ id: 't-1', name: 't-1' });
  });
});

describe('tenants', () => {
  test('of different namespaces or ids have different keys', () => {
    const keys = [tenantKey('a', 'b/c'), tenantKey('a', 'b'), tenantKey('a-b', 'c'), tenantKey('a', 'c')];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('are all admitted by a runtime without a list of tenants, else those in the list', () => {
    const runtime = defaultRuntime('default', 'acme');
    expect(admitsTenant(runtime, 'anyone')).toBe(true);
    const closed = { ...runtime, spec: { ...runtime.spec, tenants: ['a'] } };
    expect([admitsTenant(closed, 'a'), admitsTenant(closed, 'b')]).toEqual([true, false]);
  });
});

test('a runtime with defaults only is valid', () => {
  const runtime = defaultRuntime('default', 'acme');
  expect(runtime.spec).toEqual({
    replicas: 1,
    pool: {
      size: 4,
      idleMemory: '384Mi',
      maxAge: '1h',
      maxUses: 10_000,
      healthInterval: '30s',
      tenantIsolation: 'Process',
      seccomp: 'Required',
    },
    cache: { enabled: true, size: 500 },
    limits: {
      memory: '64Mi',
      cpuTime: '1s',
      timeout: '30s',
      apiCalls: 100,
      fetchBytes: '10Mi',
      result: '32Ki',
      logs: '16Ki',
    },
  });
  expect(validateObject('ScriptRuntime', JSON.parse(JSON.stringify(runtime)))).toEqual({ ok: true, object: runtime });
});
