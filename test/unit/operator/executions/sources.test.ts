import { describe, expect, test } from '@jest/globals';
import { defaultRuntime } from '../../../../src/api/defaults.ts';
import { filesDigest, sourceDigest } from '../../../../src/api/digest.ts';
import type { ScriptFiles } from '../../../../src/api/script-files.ts';
import type { ScriptRuntime } from '../../../../src/api/types.generated.ts';
import { projectSource, type SourceProjection } from '../../../../src/cluster/source-projection.ts';
import { importKeys, Sources } from '../../../../src/cluster/sources.ts';
import { keyOf, type ObjectRef, refKey } from '../../../../src/kube/object.ts';
import type { ConfigMap } from '../../../../src/kube/resources.ts';
import { Store } from '../../../../src/kube/store.ts';
import type { ExecutionProjection } from '../../../../src/operator/executions/execution-projection.ts';
import { sourceKey, unusableSource } from '../../../../src/operator/executions/source-rules.ts';
import { known } from './objects.ts';

const from = (name: string, key: string) => known({ spec: { sourceFrom: { configMapKeyRef: { name, key } } } });

function runtime(imports: ScriptRuntime['spec']['imports']): ScriptRuntime {
  const { spec, ...rest } = defaultRuntime('default', 'acme');
  return { ...rest, spec: { ...spec, ...(imports === undefined ? {} : { imports }) } };
}

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
  test.each<[string, ReturnType<typeof known>, string | undefined, RegExp | undefined]>([
    ['in a ConfigMap', from('scripts', 'a.js'), '1', undefined],
    ['that is empty', from('scripts', 'empty.js'), '', undefined],
    ['whose key is missing', from('scripts', 'b.js'), undefined, /^ConfigMap "scripts" has no key "b.js" in its data/],
    ['whose key is a property of Object.prototype', from('scripts', 'constructor'), undefined, /has no key/],
    ['in a ConfigMap without data', from('bare', 'a.js'), undefined, /^ConfigMap "bare" has no key "a.js"/],
    ['in binaryData', from('binary', 'a.js'), undefined, /has key "a.js" in binaryData: scripts are read from data/],
    ['in no ConfigMap', from('none', 'a.js'), undefined, /^ConfigMap "none" with label .* was not found/],
    ['in another namespace’s', from('theirs', 'a.js'), undefined, /"theirs" with label .* was not found/],
  ])('%s', async (_, object, text, missing) => {
    const { sources } = server();
    expect(sources.missing(object, undefined) ?? '').toMatch(missing ?? /^$/);
    expect(await sources.read(object, undefined)).toEqual(
      text === undefined ? undefined : { script: { text }, files: {}, imports: {}, digest: sourceDigest(text) },
    );
  });

  test('in the object itself is not read from the API server', async () => {
    const { sources, reads } = server();
    expect(sources.missing(known(), undefined)).toBeUndefined();
    expect(await sources.read(known(), undefined)).toEqual({ files: {}, imports: {} });
    expect(reads()).toBe(0);
  });

  test('is read once per version of its ConfigMap', async () => {
    const { sources, put, sees, reads } = server();
    const text = async () => (await sources.read(from('scripts', 'a.js'), undefined))?.script?.text;
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
    expect(await it.sources.read(from('scripts', 'a.js'), undefined)).toBeUndefined();
  });
});

describe('a script of several files', () => {
  const script = known({ spec: { sourceFrom: { configMapRef: { name: 'scripts', main: 'a.js' } } } });

  test('has every key of its ConfigMap as a file', async () => {
    const { sources } = server();
    expect(await sources.read(script, undefined)).toEqual({
      script: { name: 'a.js', text: '1' },
      files: { 'empty.js': '' },
      imports: {},
      digest: filesDigest({ 'empty.js': '', 'a.js': '1' }),
    });
  });

  test('waits for its main file', () => {
    const other = known({ spec: { sourceFrom: { configMapRef: { name: 'scripts', main: 'b.js' } } } });
    expect(server().sources.missing(other, undefined)).toBe('ConfigMap "scripts" has no key "b.js" in its data.');
  });

  test.each<[string, Record<string, string>]>([
    ['text of its main file', { 'a.js': '2', 'empty.js': '' }],
    ['text of another file', { 'a.js': '1', 'empty.js': '2' }],
    ['name of another file', { 'a.js': '1', 'full.js': '' }],
    ['number of files', { 'a.js': '1' }],
  ])('has another digest with another %s', async (_, data) => {
    const { sources, put, sees } = server();
    const before = await sources.read(script, undefined);
    put({ resourceVersion: '2' }, data);
    sees();
    const after = await sources.read(script, undefined);
    expect(after?.digest).not.toBe(before?.digest);
  });

  test('is read at once: a run never has files of two versions', async () => {
    const { sources, put, reads } = server();
    const imports = { one: { configMapKeyRef: { name: 'scripts', key: 'empty.js' } } };
    put({ resourceVersion: '2' }, { 'a.js': 'new', 'empty.js': 'new' });
    expect(await sources.read(script, runtime(imports))).toMatchObject({
      script: { text: 'new' },
      files: { 'empty.js': 'new', '@runtime/scripts/empty.js': 'new' },
    });
    expect(reads()).toBe(1);
  });
});

describe('the imports of a runtime', () => {
  const imports = { '@acme/vat': { configMapKeyRef: { name: 'scripts', key: 'a.js' } } };

  test('are files of every script, with a digest', async () => {
    const { sources } = server();
    const files = await sources.read(known(), runtime(imports));
    expect(files).toEqual({
      files: { '@runtime/scripts/a.js': '1' },
      imports: { '@acme/vat': '@runtime/scripts/a.js' },
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
  });

  test('are missing by their specifier', () => {
    const { sources } = server();
    const gone = { '@acme/vat': { configMapKeyRef: { name: 'none', key: 'a.js' } } };
    expect(sources.missing(known(), runtime(gone))).toBe(
      'ScriptRuntime "default" imports "@acme/vat": ConfigMap "none" with label copepod.dev/source: "true" was not found.',
    );
  });

  test.each<[string, ScriptRuntime['spec']['imports']]>([
    ['the text', { '@acme/vat': { configMapKeyRef: { name: 'scripts', key: 'empty.js' } } }],
    ['the specifier', { '@acme/tax': { configMapKeyRef: { name: 'scripts', key: 'a.js' } } }],
    ['the number of imports', { ...imports, b: { configMapKeyRef: { name: 'scripts', key: 'a.js' } } }],
    ['whether there are imports', undefined],
  ])('are part of the digest: %s', async (_, changed) => {
    const { sources } = server();
    const [before, after] = [imports, changed].map((each) => sources.read(from('scripts', 'a.js'), runtime(each)));
    expect((await after)?.digest).not.toBe((await before)?.digest);
  });

  test('are indexed by their ConfigMaps', () => {
    expect(importKeys(runtime({ ...imports, b: { configMapKeyRef: { name: 'other', key: 'a.js' } } }))).toEqual([
      'acme/scripts',
      'acme/other',
    ]);
    expect(importKeys(runtime(undefined))).toEqual([]);
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
  const NONE: ScriptFiles = { files: {}, imports: {} };
  const script = (text: string, files = {}): ScriptFiles => {
    return { ...NONE, script: { text }, files, digest: `sha256:${text.length}` };
  };
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}.js`, '']));
  test.each<[string, ExecutionProjection['status'], ScriptFiles, string | undefined]>([
    ['none for a first one', {}, script('1'), undefined],
    ['none for an inline script', {}, NONE, undefined],
    ['none for a later attempt of an inline script', { attempts: 1 }, NONE, undefined],
    ['none for an unchanged script', { attempts: 1, sourceDigest: 'sha256:1' }, script('1'), undefined],
    [
      'SourceChanged for a changed script in a later attempt',
      { attempts: 1, sourceDigest: 'sha256:1' },
      script('22'),
      'SourceChanged',
    ],
    ['SourceChanged for imports that were not there', { attempts: 1 }, script('1'), 'SourceChanged'],
    ['SourceChanged for imports that are gone', { attempts: 1, sourceDigest: 'sha256:1' }, NONE, 'SourceChanged'],
    [
      'none for a changed script before the first attempt',
      { attempts: 0, sourceDigest: 'sha256:1' },
      script('22'),
      undefined,
    ],
    ['none for a script of the maximum size', {}, script('x'.repeat(1 << 20)), undefined],
    ['LimitsRefused for one byte more', {}, script('x'.repeat((1 << 20) + 1)), 'LimitsRefused'],
    ['LimitsRefused by bytes, not characters', {}, script('€'.repeat(400_000)), 'LimitsRefused'],
    ['none for files of the maximum size', {}, script('x', { a: 'x'.repeat((1 << 20) - 1) }), undefined],
    ['LimitsRefused for one byte more in any file', {}, script('x', { a: 'x'.repeat(1 << 20) }), 'LimitsRefused'],
    ['none for the maximum number of files', {}, script('x', many(999)), undefined],
    ['LimitsRefused for one file more', {}, script('x', many(1000)), 'LimitsRefused'],
  ])('%s', (_, status, given, reason) => {
    expect(unusableSource(claimed(status), given)?.reason).toBe(reason);
  });
});
