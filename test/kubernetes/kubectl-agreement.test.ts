import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { KINDS } from '../../src/api/crd.ts';
import { type KubeObject, TestClient } from '../api-server/client.ts';
import { Random } from '../chaos/random.ts';
import { copepod, Workspace } from '../integration/support/cli.ts';
import { compare } from './manifests/agreement.ts';
import { fieldTexts, listAndSecretTexts, metadataTexts, objectTexts } from './manifests/objects.ts';
import { blockTexts, mutatedTexts, scalarTexts, streamTexts } from './manifests/texts.ts';
import { dryRuns } from './support/kubectl.ts';

const root = new URL('../../', import.meta.url);
/** Another one with COPEPOD_TEST_SEED: the texts are new then. */
const seed = Number(process.env.COPEPOD_TEST_SEED ?? 1);

beforeAll(async () => {
  const api = new TestClient();
  for (const file of globSync('crds/*.yaml', { cwd: root.pathname })) {
    const documents = parseAllDocuments(readFileSync(new URL(file, root), 'utf8'));
    for (const document of documents) await api.establish(document.toJS() as KubeObject);
  }
  api.close();
});

const counts = { 'both take it': 0, 'both refuse it': 0, 'refused on purpose': 0, differs: 0 };

describe('copepod validate takes and refuses what kubectl apply --dry-run=server --validate=strict does, and reads the same', () => {
  test.each<[string, () => string[]]>([
    ['every scalar that one may take for something else, as value and as key', scalarTexts],
    ['blocks, quotes, brackets, indentation, anchors, merges, tags', blockTexts],
    ['documents in a row, as YAML and as JSON', () => streamTexts(new Random(seed), 500)],
    ['manifests with some characters changed', () => mutatedTexts(new Random(seed), 500)],
    ['every field of metadata', () => ['ScriptExecution', 'ConfigMap'].flatMap(metadataTexts)],
    ['fields of every kind', () => sample([...KINDS, 'ConfigMap', 'Secret'].flatMap(fieldTexts), 500)],
    ['the rest of lists and Secrets', listAndSecretTexts],
    ['objects and lists, in blocks, in braces and as JSON', () => objectTexts(new Random(seed), 500)],
  ])(
    '%s',
    async (_, texts) => {
      const all = texts();
      const theirs = await dryRuns(all);
      const comparisons = all.map((text, index) => compare(text, index, theirs[index] ?? { objects: [], error: '' }));
      for (const { verdict } of comparisons) counts[verdict]++;
      expect(comparisons.map(({ difference }) => difference).filter((difference) => difference !== '')).toEqual([]);
    },
    900_000,
  );

  test('what copepod build writes', async () => {
    using files = new Workspace({
      'main.ts': `export default ({ a }: { a: number }) => \`\${a} é 😀 \u2028 "\\t"\`;\n`,
    });
    const kinds = ['ScriptExecution', 'ConfigMap'].flatMap((kind) => ['yaml', 'json'].map((output) => [kind, output]));
    const texts = await Promise.all(
      kinds.map(async ([kind = '', output = '']) => {
        const args = ['build', 'main.ts', '--name', 'some-name', '--kind', kind, '-o', output];
        return (await copepod(args, { cwd: files.path })).stdout.replaceAll('some-name', 'NAME');
      }),
    );
    const theirs = await dryRuns(texts);
    const compared = texts.map((text, index) => compare(text, index, theirs[index] ?? { objects: [], error: '' }));
    expect(compared).toEqual(texts.map(() => ({ verdict: 'both take it', difference: '' })));
  }, 60_000);

  afterAll(() => {
    process.stderr.write(`manifests compared with kubectl: ${JSON.stringify(counts)}\n`);
  });
});

/** So many of them, each as likely as another. */
function sample(texts: readonly string[], count: number): string[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.pick(texts) as string);
}
