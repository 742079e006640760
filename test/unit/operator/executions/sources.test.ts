import { describe, expect, test } from '@jest/globals';
import { sourceDigest } from '../../../../src/api/digest.ts';
import type { ExecutionProjection } from '../../../../src/operator/executions/execution-projection.ts';
import { projectSource, type SourceProjection } from '../../../../src/operator/executions/source-projection.ts';
import {
  Sources,
  type SourceWhereabouts,
  sourceKey,
  unusableSource,
} from '../../../../src/operator/executions/sources.ts';
import { keyOf, type ObjectRef, refKey } from '../../../../src/operator/kube/object.ts';
import type { ConfigMap } from '../../../../src/operator/kube/resources.ts';
import { Store } from '../../../../src/operator/kube/store.ts';
import { known } from './objects.ts';

const from = (name: string, key: string) => known({ spec: { sourceFrom: { configMapKeyRef: { name, key } } } });

const CONFIG_MAPS: readonly ConfigMap[] = [
  { metadata: { name: 'scripts', namespace: 'acme' }, data: { 'a.js': '1', 'empty.js': '' } },
  { metadata: { name: 'bare', namespace: 'acme' } },
  { metadata: { name: 'binary', namespace: 'acme' }, binaryData: { 'a.js': 'MQ==' } },
  { metadata: { name: 'theirs', namespace: 'globex' }, data: { 'a.js': '2' } },
].map((each) => ({ ...each, metadata: { ...each.metadata, uid: `uid-${each.metadata.name}`, resourceVersion: '1' } }));
const labels = { 'copepod.dev/source': 'true' };

/** An API server with ConfigMaps that the cache has seen; counts its requests. */
function server() {
  const objects = new Map(CONFIG_MAPS.map((each) => [keyOf(each), each]));
  const known = new Store<SourceProjection>();
  for (const each of CONFIG_MAPS) known.set(projectSource(each));
  let reads = 0;
  const put = (metadata: Partial<ConfigMap['metadata']>, data?: Record<string, string>): void => {
    const base = objects.get('acme/scripts') as ConfigMap;
    objects.set('acme/scripts', { data: data ?? base.data ?? {}, metadata: { ...base.metadata, ...metadata } });
  };
  const read = async (ref: ObjectRef): Promise<ConfigMap | undefined> => {
    reads += 1;
    const found = objects.get(refKey(ref));
    return found && { ...found, metadata: { labels, ...found.metadata } };
  };
  const sees = (): void => void known.set(projectSource(objects.get('acme/scripts') as ConfigMap));
  return { sources: new Sources({ known, read }), put, sees, remove: () => objects.clear(), reads: () => reads };
}

describe('a script', () => {
  test.each<[string, ReturnType<typeof known>, string | undefined, SourceWhereabouts]>([
    ['in a ConfigMap', from('scripts', 'a.js'), '1', 'found'],
    ['that is empty', from('scripts', 'empty.js'), '', 'found'],
    ['whose key is missing', from('scripts', 'b.js'), undefined, 'noKey'],
    ['whose key is a property of Object.prototype', from('scripts', 'constructor'), undefined, 'noKey'],
    ['in a ConfigMap without data', from('bare', 'a.js'), undefined, 'noKey'],
    ['in binaryData', from('binary', 'a.js'), undefined, 'inBinaryData'],
    ['in no ConfigMap', from('none', 'a.js'), undefined, 'noConfigMap'],
    ['in another namespace’s', from('theirs', 'a.js'), undefined, 'noConfigMap'],
  ])('%s', async (_, object, text, whereabouts) => {
    const { sources } = server();
    expect(sources.whereabouts(object)).toBe(whereabouts);
    expect(await sources.read(object)).toEqual(text === undefined ? undefined : { text, digest: sourceDigest(text) });
  });

  test('in the object itself is not read from the API server', async () => {
    const { sources } = server();
    expect(sources.whereabouts(known())).toBe('found');
    expect(await sources.read(known())).toBeUndefined();
  });

  test('is read once per version of its ConfigMap', async () => {
    const { sources, put, sees, reads } = server();
    const text = async () => (await sources.read(from('scripts', 'a.js')))?.text;
    expect([await text(), await text(), reads()]).toEqual(['1', '1', 1]);
    put({ resourceVersion: '2' }, { 'a.js': 'new' });
    sees();
    expect([await text(), await text(), reads()]).toEqual(['new', 'new', 2]);
    put({ uid: 'another' }, { 'a.js': 'made again' });
    sees();
    expect(await text()).toBe('made again');
  });

  test.each<[string, (of: ReturnType<typeof server>) => void]>([
    ['has gone', ({ remove }) => remove()],
    ['has lost its label', ({ put }) => put({ labels: {} })],
    ['has the label with another value', ({ put }) => put({ labels: { 'copepod.dev/source': 'no' } })],
    ['has lost the key', ({ put }) => put({}, { other: '1' })],
  ])('is not found if its ConfigMap %s, even before the cache has seen it', async (_, change) => {
    const it = server();
    change(it);
    expect(await it.sources.read(from('scripts', 'a.js'))).toBeUndefined();
  });
});

test('the projection of a ConfigMap has the names of its scripts, not their texts', () => {
  const metadata = { name: 'scripts', namespace: 'acme', uid: 'u', resourceVersion: '7' };
  const annotations = { note: 'n' };
  expect(
    projectSource({
      metadata: { ...metadata, labels, annotations },
      data: { 'a.js': '1' },
      binaryData: { 'b.js': 'MQ==' },
    }),
  ).toEqual({
    metadata,
    keys: new Set(['a.js']),
    binaryKeys: new Set(['b.js']),
  });
});

test('executions are indexed by their ConfigMap', () => {
  expect(sourceKey(from('scripts', 'a.js'))).toBe('acme/scripts');
  expect(sourceKey(known())).toBeUndefined();
});

describe('the refusal of a script from a ConfigMap', () => {
  const claimed = (status: ExecutionProjection['status']): ExecutionProjection => ({ status }) as ExecutionProjection;
  const source = (text: string) => ({ text, digest: `sha256:${text.length}` });
  test.each<[string, ExecutionProjection['status'], ReturnType<typeof source> | undefined, string | undefined]>([
    ['a first one', {}, source('1'), undefined],
    ['none for an inline script', {}, undefined, undefined],
    ['none for an unchanged script', { attempts: 1, sourceDigest: 'sha256:1' }, source('1'), undefined],
    [
      'SourceChanged for a changed script in a later attempt',
      { attempts: 1, sourceDigest: 'sha256:1' },
      source('22'),
      'SourceChanged',
    ],
    [
      'none for a changed script before the first attempt',
      { attempts: 0, sourceDigest: 'sha256:1' },
      source('22'),
      undefined,
    ],
    ['none for a script of the maximum size', {}, source('x'.repeat(256 << 10)), undefined],
    ['LimitsRefused for one byte more', {}, source('x'.repeat((256 << 10) + 1)), 'LimitsRefused'],
    ['LimitsRefused by bytes, not characters', {}, source('€'.repeat(100_000)), 'LimitsRefused'],
  ])('%s', (_, status, given, reason) => {
    expect(unusableSource(claimed(status), given)?.reason).toBe(reason);
  });
});
