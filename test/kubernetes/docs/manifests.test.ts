import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments, parseDocument } from 'yaml';
import { type KubeObject, TestClient } from '../../api-server/client.ts';
import { allSnippets, ROOT } from '../../docs/support/pages.ts';
import { placeOf, type Snippet, type Way, wayOf } from '../../docs/support/snippet.ts';
import { findHelm, rendered, type Values } from '../chart/helm.ts';
import { findKubectl } from '../support/kustomize.ts';

const snippets = allSnippets();
const of = (way: Way): [string, Snippet][] =>
  snippets.filter((each) => wayOf(each) === way).map((each) => [placeOf(each), each]);

/** What a fragment of a kind needs beside what it shows. */
const REST: Readonly<Record<string, object>> = {
  ScriptExecution: { source: '1' },
  ScriptEndpoint: { source: 'export default () => new Response()' },
};

const api = new TestClient();
let namespace: string;

beforeAll(async () => {
  namespace = await api.namespace('docs');
  for (const file of ['runtimes', 'executions', 'schedules', 'endpoints'])
    await api.establish(await definition(`script${file}.copepod.dev.yaml`));
});
afterAll(() => api.close());

async function definition(file: string): Promise<KubeObject> {
  const { readFile } = await import('node:fs/promises');
  return parseDocument(await readFile(join(ROOT, 'crds', file), 'utf8')).toJS() as KubeObject;
}

/** The objects of a snippet; a fragment becomes a whole object of its kind. */
function objectsOf(snippet: Snippet): KubeObject[] {
  const { text, notes } = snippet;
  return [...parseAllDocuments(text)].map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    const found = document.toJS() as Partial<KubeObject> & { spec?: object };
    const [kind = found.kind ?? '', path] = notes['part of']?.split('.') ?? [];
    if (kind === '')
      throw new Error(`${placeOf(snippet)}: no kind; write above it <!-- snippet: part of KIND.spec -->`);
    const whole = path === undefined ? found : { [path]: found };
    const { apiVersion = 'copepod.dev/v1alpha1', metadata } = whole as Partial<KubeObject>;
    const spec = completed(kind, (whole as { spec?: object }).spec);
    return { apiVersion, kind, ...whole, metadata: { name: 'docs', ...metadata, namespace }, ...spec } as KubeObject;
  });
}

function completed(kind: string, spec: object | undefined): { spec?: object } {
  if (spec === undefined) return {};
  const hasSource = 'source' in spec || 'sourceFrom' in spec;
  return { spec: { ...(hasSource ? {} : REST[kind]), ...spec } };
}

describe('manifests of the pages are what a cluster accepts', () => {
  test.each(of('manifest'))('%s', async (_, snippet) => {
    const objects = objectsOf(snippet);
    expect(objects.length).toBeGreaterThan(0);
    for (const object of objects) await api.apply(object, { dryRun: true });
  });

  test('an unknown field is refused', async () => {
    const [, snippet] = of('manifest')[0] ?? [];
    const [object] = objectsOf({ ...(snippet as Snippet), text: 'kind: ScriptRuntime\nspec: { replica: 2 }\n' });
    await expect(api.apply(object as KubeObject, { dryRun: true })).rejects.toThrow('replica');
  });
});

test.each(of('values'))(
  '%s: the values are what the chart accepts',
  async (_, { text }) => {
    findHelm(); // Built the first time
    const objects = await rendered(parseDocument(text).toJS() as Values);
    expect(objects.length).toBeGreaterThan(10);
  },
  900_000,
);

test.each(of('kustomization'))('%s: kustomize builds it', (_, { text }) => {
  const folder = mkdtempSync(join(tmpdir(), 'copepod-kustomization-'));
  try {
    symlinkSync(ROOT, join(folder, 'copepod'));
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'own/kustomization.yaml'), text);
    const built = execFileSync(findKubectl(), ['kustomize', join(folder, 'own')], { encoding: 'utf8' });
    expect(built).toMatch(/kind: Deployment/);
    expect(built).toMatch(/registry\.example/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
