import { describe, expect, test } from '@jest/globals';
import type { UsageError } from '../../../../src/api/usage-error.ts';
import { MountedValues } from '../../../../src/runtime/env/mounted-values.ts';
import { readSettings } from '../../../../src/runtime/server/settings.ts';

const KEY = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) };
const ENV = { COPEPOD_POD_UID: 'pod-1', COPEPOD_PUBLIC_KEY: JSON.stringify(KEY) };

const settings = (env: Record<string, string | undefined> = {}, config?: string) =>
  readSettings({ port: 0, ...(config === undefined ? {} : { config }) }, { ...ENV, ...env });

async function complaint(env: Record<string, string | undefined>, config?: string): Promise<string> {
  return await settings(env, config).then(
    () => 'none',
    (error: UsageError) => error.message,
  );
}

describe('the settings of a pod', () => {
  test('are those of a ScriptRuntime that says nothing, and half a minute beyond its time-out', async () => {
    expect(await settings()).toEqual({
      engine: {
        pool: {
          size: 4,
          idleMemoryBytes: 384 << 20,
          maxAgeMs: 3_600_000,
          maxUses: 10_000,
          healthIntervalMs: 30_000,
          tenantIsolation: 'Process',
          seccomp: 'Required',
        },
        cache: { enabled: true, size: 500 },
        limits: {
          memoryBytes: 64 << 20,
          cpuTimeMs: 1000,
          timeoutMs: 30_000,
          apiCalls: 100,
          fetchBytes: 10 << 20,
          resultBytes: 32 << 10,
          logsBytes: 16 << 10,
        },
        tenants: [],
        egress: { rules: [] },
        tools: [],
        values: expect.any(MountedValues),
      },
      references: [],
      endpointSecrets: [],
      podUID: 'pod-1',
      publicKey: KEY,
      logLevel: 'info',
      graceMs: 60_000,
    });
  });

  test.each([
    { what: 'all of it in a container without a limit', containerMib: 0, idleMib: 384 },
    { what: 'all of it where the container has the memory', containerMib: 1664, idleMib: 384 },
    { what: 'less where it has less', containerMib: 1380, idleMib: 100 },
    { what: 'none where busy VMs may need all there is', containerMib: 1024, idleMib: 0 },
  ])('give idle VMs the memory that busy ones never need: $what', async ({ containerMib, idleMib }) => {
    const { engine } = await readSettings({ port: 0 }, ENV, containerMib * 2 ** 20);
    expect(engine.pool?.idleMemoryBytes).toBe(idleMib * 2 ** 20);
  });

  test('are what they are set to', async () => {
    const config = { pool: { size: 2, tenantIsolation: 'Isolate' }, limits: { timeout: '2m' }, tenants: ['a'] };
    const COPEPOD_RUNTIME_CONFIG = JSON.stringify(config);
    const set = await settings({ COPEPOD_RUNTIME_CONFIG, COPEPOD_LOG_LEVEL: 'warn' });
    expect(set).toMatchObject({
      engine: { pool: { size: 2, tenantIsolation: 'Isolate' }, limits: { timeoutMs: 120_000 }, tenants: ['a'] },
      logLevel: 'warn',
      graceMs: 150_000,
    });
    expect((await settings({ COPEPOD_GRACE_SECONDS: '5' })).graceMs).toBe(5000);
    expect((await settings({ COPEPOD_RUNTIME_CONFIG }, '{"pool":{"size":3}}')).engine.pool?.size).toBe(3);
  });

  test.each<[string, Record<string, string | undefined>, RegExp]>([
    ['a pod uid', { COPEPOD_POD_UID: undefined }, /COPEPOD_POD_UID is missing: set it to the uid of this pod/],
    ['a public key', { COPEPOD_PUBLIC_KEY: '' }, /COPEPOD_PUBLIC_KEY is missing/],
    ['a key that is JSON', { COPEPOD_PUBLIC_KEY: '-----BEGIN' }, /COPEPOD_PUBLIC_KEY: is not JSON/],
    ['a key that is a key', { COPEPOD_PUBLIC_KEY: 'null' }, /not an Ed25519 key/],
    ['a key of this kind', { COPEPOD_PUBLIC_KEY: '{"kty":"RSA","n":"AQAB","e":"AQAB"}' }, /not an Ed25519 key/],
    ['a key that is public', { COPEPOD_PUBLIC_KEY: JSON.stringify({ ...KEY, d: 'x' }) }, /contains a private key/],
    ['a log level that exists', { COPEPOD_LOG_LEVEL: 'loud' }, /'loud' must be one of debug, info, warn, error/],
    ['a grace in seconds', { COPEPOD_GRACE_SECONDS: '30s' }, /'30s' is not a whole number of seconds/],
    ['a config that is JSON', { COPEPOD_RUNTIME_CONFIG: 'pool:' }, /COPEPOD_RUNTIME_CONFIG: is not JSON/],
    ['a config that is an object', { COPEPOD_RUNTIME_CONFIG: '[]' }, /must be a JSON object with pool/],
    ["fields that are a pod's", { COPEPOD_RUNTIME_CONFIG: '{"replicas":2}' }, /unknown field 'replicas'/],
    ['fields that exist', { COPEPOD_RUNTIME_CONFIG: '{"pool":{"sise":2}}' }, /CONFIG: pool\.sise .*did you mean/],
    [
      'values that fit',
      { COPEPOD_RUNTIME_CONFIG: '{"limits":{"timeout":"2h"}}' },
      /limits\.timeout must be a duration/,
    ],
  ])('need %s', async (_, env, message) => {
    expect(await complaint(env)).toMatch(message);
  });

  test('are complained of all at once', async () => {
    const message = await complaint({ COPEPOD_POD_UID: '', COPEPOD_PUBLIC_KEY: '', COPEPOD_LOG_LEVEL: 'x' });
    expect(message.split('\n')).toHaveLength(3);
  });

  test('come from a file that is there', async () => {
    expect(await complaint({}, '/nowhere/config.json')).toBe('/nowhere/config.json: no such file or directory');
  });
});
