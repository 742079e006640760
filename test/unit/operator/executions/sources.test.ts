import { describe, expect, test } from '@jest/globals';
import { sourceDigest } from '../../../../src/api/digest.ts';
import type { KnownExecution } from '../../../../src/operator/executions/known-execution.ts';
import { Sources, sourceKey, unusableSource } from '../../../../src/operator/executions/sources.ts';
import type { ConfigMap } from '../../../../src/operator/kube/resources.ts';
import { Store } from '../../../../src/operator/kube/store.ts';
import { execution } from './objects.ts';

const from = (name: string, key: string) => execution({ spec: { sourceFrom: { configMapKeyRef: { name, key } } } });

function sources(): Sources {
  const store = new Store<ConfigMap>();
  store.set({ metadata: { name: 'scripts', namespace: 'acme' }, data: { 'a.js': '1', 'empty.js': '' } });
  store.set({ metadata: { name: 'bare', namespace: 'acme' } });
  store.set({ metadata: { name: 'theirs', namespace: 'globex' }, data: { 'a.js': '2' } });
  return new Sources(store);
}

describe('a script', () => {
  test.each<[string, ReturnType<typeof execution>, string | undefined]>([
    ['in a ConfigMap', from('scripts', 'a.js'), '1'],
    ['that is empty', from('scripts', 'empty.js'), ''],
    ['whose key is missing', from('scripts', 'b.js'), undefined],
    ['whose key every object has', from('scripts', 'constructor'), undefined],
    ['in a ConfigMap without data', from('bare', 'a.js'), undefined],
    ['in no ConfigMap', from('none', 'a.js'), undefined],
    ['in another namespace’s', from('theirs', 'a.js'), undefined],
  ])('%s', (_, object, text) => {
    expect(sources().has(object)).toBe(text !== undefined);
    expect(sources().read(object)).toEqual(text === undefined ? undefined : { text, digest: sourceDigest(text) });
  });

  test('in the object itself is there, and nowhere to be read', () => {
    expect(sources().has(execution())).toBe(true);
    expect(sources().read(execution())).toBeUndefined();
  });
});

test('executions are found by the ConfigMap that they read', () => {
  expect(sourceKey(from('scripts', 'a.js'))).toBe('acme/scripts');
  expect(sourceKey(execution())).toBeUndefined();
});

describe('a script from a ConfigMap that can’t be run', () => {
  const claimed = (status: KnownExecution['status']): KnownExecution => ({ status }) as KnownExecution;
  const source = (text: string) => ({ text, digest: `sha256:${text.length}` });
  test.each<[string, KnownExecution['status'], ReturnType<typeof source> | undefined, string | undefined]>([
    ['a first one', {}, source('1'), undefined],
    ['none, where the object has it', {}, undefined, undefined],
    ['the same again', { attempts: 1, sourceDigest: 'sha256:1' }, source('1'), undefined],
    ['another in a later attempt', { attempts: 1, sourceDigest: 'sha256:1' }, source('22'), 'SourceChanged'],
    ['another before the first start', { attempts: 0, sourceDigest: 'sha256:1' }, source('22'), undefined],
    ['as many bytes as may be', {}, source('x'.repeat(256 << 10)), undefined],
    ['one byte more', {}, source('x'.repeat((256 << 10) + 1)), 'LimitsRefused'],
    ['few characters of many bytes', {}, source('€'.repeat(100_000)), 'LimitsRefused'],
  ])('%s', (_, status, given, reason) => {
    expect(unusableSource(claimed(status), given)?.reason).toBe(reason);
  });
});
