import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadManifests } from '../../../src/api/manifest.ts';

const execution = (name: string, extra = '') =>
  `apiVersion: copepod.dev/v1alpha1\nkind: ScriptExecution\nmetadata: {name: ${name}${extra}}\nspec: {source: "1"}\n`;

const load = (...texts: string[]) => loadManifests(texts.map((text, index) => ({ file: `${index + 1}.yaml`, text })));
const names = (...texts: string[]) =>
  load(...texts).documents.map(({ object }) => `${object.kind}/${object.metadata.name}`);

describe('manifests', () => {
  test('give objects with their defaults and a namespace', () => {
    const { documents, problems } = load(execution('a'));
    expect(problems).toEqual([]);
    expect(documents[0]?.object).toEqual({
      apiVersion: 'copepod.dev/v1alpha1',
      kind: 'ScriptExecution',
      metadata: { name: 'a', namespace: 'default' },
      spec: {
        runtimeRef: { name: 'default' },
        language: 'JavaScript',
        source: '1',
        backoffLimit: 0,
        priority: 0,
        suspend: false,
        cancel: false,
      },
      status: { observedGeneration: -1 },
    });
  });

  test('name a namespace, or take that of the options', () => {
    const options = { namespace: 'team' };
    const text = `${execution('a')}---\n${execution('b', ', namespace: acme')}`;
    const { documents } = loadManifests([{ file: 'a', text }], options);
    expect(documents.map(({ object }) => object.metadata.namespace)).toEqual(['team', 'acme']);
  });

  test('hold several documents, and other kinds that are skipped by name', () => {
    const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: []}\n';
    const text = [execution('a'), service, execution('b')].join('---\n');
    expect(names(text)).toEqual(['ScriptExecution/a', 'ScriptExecution/b']);
    const [skipped] = load(text).skipped;
    expect(skipped).toMatchObject({ apiVersion: 'v1', kind: 'Service', name: 'web' });
    expect([skipped?.origin.document, skipped?.origin.position().line]).toEqual([2, 6]);
  });

  test('hold ConfigMaps', () => {
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lib, labels: {copepod.dev/source: "true"}}\ndata: {a.js: "1"}\n';
    expect(load(text).documents[0]?.object).toMatchObject({ kind: 'ConfigMap', data: { 'a.js': '1' } });
  });

  test('may be Lists, as kubectl get -o yaml prints them', () => {
    const items = [execution('a'), execution('b')].map((text) => `- ${text.trim().replaceAll('\n', '\n  ')}\n`);
    const text = `apiVersion: v1\nkind: List\nmetadata: {resourceVersion: ""}\nitems:\n${items.join('')}`;
    expect(names(text)).toEqual(['ScriptExecution/a', 'ScriptExecution/b']);
  });

  test('may be lists of one kind, whose items have neither apiVersion nor kind, as the API server gives them', () => {
    const text =
      'apiVersion: copepod.dev/v1alpha1\nkind: ScriptExecutionList\nitems: [{metadata: {name: a}, spec: {source: "1"}}]\n';
    expect(names(text)).toEqual(['ScriptExecution/a']);
  });

  test('may be JSON, also one object after another', () => {
    const json = (name: string) =>
      JSON.stringify({
        apiVersion: 'copepod.dev/v1alpha1',
        kind: 'ScriptExecution',
        metadata: { name },
        spec: { source: '1' },
      });
    expect(names(json('a'), `${json('b')}\n${json('c')}\n`)).toEqual([
      'ScriptExecution/a',
      'ScriptExecution/b',
      'ScriptExecution/c',
    ]);
  });

  test('that a cluster printed are taken again: the status is dropped', () => {
    const text = `${execution('a', ', uid: u, resourceVersion: "5", generation: 2')}status: {run: 5, result: null, conditions: []}\n`;
    const { documents, problems } = load(text);
    expect(problems).toEqual([]);
    expect(documents[0]?.object).toMatchObject({ metadata: { uid: 'u' }, status: { observedGeneration: -1 } });
  });

  test('keep params as they are: null, and members that look like defaults', () => {
    const params = (text: string) => {
      const object = load(execution('a').replace('}\n', '}\n').replace('"1"}', `"1", params: ${text}}`)).documents[0]
        ?.object;
      return object?.kind === 'ScriptExecution' ? object.spec.params : undefined;
    };
    expect(params('null')).toBeNull();
    expect(params('{a: null, source: x}')).toEqual({ a: null, source: 'x' });
    expect(params('[1, [null]]')).toEqual([1, [null]]);
    expect(params('{constructor: 1}')).toEqual({ constructor: 1 });
  });
});

describe('problems', () => {
  test('of a List are at the item, with its path', () => {
    const text =
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: copepod.dev/v1alpha1\n  kind: ScriptExecution\n  metadata: {name: a}\n  spec:\n    sorce: x\n';
    expect(load(text).problems).toEqual([
      {
        file: '1.yaml',
        document: 1,
        path: 'items[0].spec.sorce',
        line: 8,
        column: 5,
        message: 'unknown field',
        hint: 'did you mean spec.source?',
      },
    ]);
  });

  test('come in reading order, of all files at once', () => {
    const bad = execution('a').replace('source', 'sorce');
    const { problems } = load(`a: [\n---\n${bad}`, bad);
    expect(problems.map(({ file, line }) => `${file}:${line}`)).toEqual(['1.yaml:2', '1.yaml:6', '2.yaml:4']);
  });

  test('do not hide the documents that are right', () => {
    expect(names(`${execution('a')}---\nb: [\n---\n${execution('c')}`)).toEqual([
      'ScriptExecution/a',
      'ScriptExecution/c',
    ]);
  });

  test('of what an alias repeats are told once', () => {
    const text = `${execution('a').replace('"1"}', '"1", params: {a: &a {b: 1, b: 2}, c: *a, d: *a}}')}`;
    expect(load(text).problems.map(({ message }) => message)).toEqual(['the key "b" is there twice']);
  });

  test('name both places of an object that is there twice', () => {
    const { problems } = load(execution('a'), `${execution('b')}---\n${execution('a')}`);
    expect(problems).toEqual([
      {
        file: '2.yaml',
        document: 2,
        path: 'metadata.name',
        line: 8,
        column: 12,
        message: 'ScriptExecution default/a is there twice: also at 1.yaml:3:12 (document 1)',
        hint: 'give one of them another name',
      },
    ]);
  });

  test('are none where kind or namespace differ', () => {
    const runtime = 'apiVersion: copepod.dev/v1alpha1\nkind: ScriptRuntime\nmetadata: {name: a}\n';
    expect(load(execution('a'), runtime, execution('a', ', namespace: other')).problems).toEqual([]);
  });

  test('are all there is to junk', () => {
    const fields = [
      'apiVersion',
      'kind',
      'metadata',
      'spec',
      'items',
      'name',
      'source',
      'limits',
      'copepod.dev/v1alpha1',
      'ScriptExecution',
    ];
    const junk = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<unknown>(null, true, 5, 1.5, -1, '', ...fields),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...fields), tie('value'), { maxKeys: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(junk, junk, (metadata, spec) => {
        const object = { apiVersion: 'copepod.dev/v1alpha1', kind: 'ScriptExecution', metadata, spec };
        const { documents, problems } = load(JSON.stringify(object));
        expect(documents.length + problems.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('the place of a script', () => {
  const text = `${execution('a').replace('spec: {source: "1"}', 'spec:\n  source: |\n    const a = 1;\n    throw a;')}`;

  test('in a block is found line by line', () => {
    const origin = load(text).documents[0]?.origin;
    expect(origin?.scriptPosition(['spec', 'source'], 2, 7)).toEqual({ line: 7, column: 11 });
    expect(text.split('\n')[6]?.slice(10)).toBe('a;');
  });

  test('in a quoted string is not', () => {
    expect(load(execution('a')).documents[0]?.origin.scriptPosition(['spec', 'source'], 1, 1)).toBeUndefined();
  });
});
