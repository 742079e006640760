import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { makeExecution } from '../../src/api/defaults.ts';
import { runDigest } from '../../src/api/digest.ts';
import type { JsonValue } from '../../src/api/json.ts';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import type { KubeObject } from '../api-server/client.ts';
import { copepod, ROOT, succeeded } from '../integration/support/cli.ts';
import { kustomize, objectsOf } from '../kubernetes/support/kustomize.ts';
import { HEALTH_CHECKS } from './support/verdicts.ts';

const REPOSITORY = 'examples/gitops';
const TENANT = 'tenants/bakery';
const rendered = kustomize(join(REPOSITORY, TENANT));

/** The run digest of each execution after a change of the tenant's files. */
function digestsAfter(change: (directory: string) => void): Record<string, string> {
  const directory = mkdtempSync(join(tmpdir(), 'copepod-gitops-'));
  try {
    cpSync(join(ROOT, REPOSITORY, TENANT), directory, { recursive: true });
    change(directory);
    const executions = objectsOf(kustomize(relative(ROOT, directory))).filter(({ kind }) => kind === 'ScriptExecution');
    return Object.fromEntries(executions.map((each) => [each.metadata.name, digestOf(each)]));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function digestOf({ metadata: { name }, spec }: KubeObject): string {
  return runDigest(makeExecution({ name, namespace: 'bakery' }, spec as Record<string, JsonValue>).spec);
}

/** Replaces a text in a file of the tenant. */
const replaced = (file: string, from: string, to: string) => (directory: string) => {
  const text = readFileSync(join(directory, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(directory, file), text.replace(from, to));
};

/** Names of executions whose run digest changes. */
function runAgain(change: (directory: string) => void): string[] {
  const [before, after] = [digestsAfter(() => {}), digestsAfter(change)];
  expect(Object.keys(after)).toEqual(Object.keys(before));
  return Object.keys(before).filter((name) => before[name] !== after[name]);
}

describe("the repository of examples/gitops: a tenant's folder", () => {
  test('is valid once kustomize has rendered it', async () => {
    const { code, stdout, stderr } = await copepod(['validate', '-'], { input: rendered });
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^valid: 3 ScriptExecutions, .*1 ScriptSchedule/),
    });
    expect(stderr).toContain('skipped v1 Namespace bakery');
  });

  test('runs on a machine as it would on a cluster', async () => {
    const { stdout } = await copepod(['run', '-', '-o', 'json'], { input: rendered });
    const { items } = JSON.parse(stdout) as { items: ScriptExecution[] };
    expect(items.map(succeeded)).toEqual(items.map(() => ({ status: 'True', reason: 'Completed' })));
    const nameOf = ({ metadata }: ScriptExecution): string =>
      metadata.labels?.['copepod.dev/schedule'] ?? metadata.name;
    expect(Object.fromEntries(items.map((item) => [nameOf(item), item.status.result]))).toEqual({
      'cafe-prices': { rye: 0.78, wheat: 0.62 },
      'shop-prices': { rye: 0.96, wheat: 0.77 },
      'week-totals': { rye: 78, wheat: 25 },
      'evening-totals': { rye: 40 },
    });
  });

  test('names the hashed ConfigMap in the template of the schedule', () => {
    const schedule = objectsOf(rendered).find(({ kind }) => kind === 'ScriptSchedule');
    expect(JSON.stringify(schedule?.spec)).toMatch(/"name":"week-totals-[a-z0-9]{10}"/);
  });

  test('has ConfigMaps that the operator reads and Flux does not modify', () => {
    const maps = objectsOf(rendered).filter(({ kind }) => kind === 'ConfigMap');
    expect(maps.length).toBe(2);
    for (const { metadata } of maps) {
      expect(metadata.labels).toEqual({ 'copepod.dev/source': 'true' });
      expect(metadata).toMatchObject({ annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' } });
    }
  });
});

describe('a commit re-runs exactly the executions it changes', () => {
  test.each<[string, (directory: string) => void, string[]]>([
    ['nothing', () => {}, []],
    ['a script', replaced('scripts/price-list.js', '* 100)', '* 10)'), ['cafe-prices', 'shop-prices']],
    ['another script', replaced('scripts/week-totals.ts', '+ loaves', '+ 2 * loaves'), ['week-totals']],
    ["an execution's params", replaced('executions.yaml', 'margin: 0.6', 'margin: 0.7'), ['shop-prices']],
    ['a rerunToken', replaced('executions.yaml', '2026-11', '2026-12'), ['week-totals']],
    ['the runtime', replaced('runtime.yaml', 'replicas: 1', 'replicas: 3'), []],
    [
      'a label on all objects',
      replaced('kustomization.yaml', 'namespace:', 'labels: [{ pairs: { a: b } }]\nnamespace:'),
      [],
    ],
  ])('%s', (_, change, again) => {
    expect(runAgain(change).sort()).toEqual(again);
  });

  test('without the hash suffix in the name, a changed script does not run', () => {
    const unhashed = replaced(
      'kustomization.yaml',
      'generatorOptions:',
      'generatorOptions:\n  disableNameSuffixHash: true',
    );
    const before = digestsAfter(unhashed);
    const after = digestsAfter((directory) => {
      unhashed(directory);
      replaced('scripts/price-list.js', '* 100)', '* 10)')(directory);
    });
    expect(after).toEqual(before);
  });
});

test('Flux and Argo CD refer to existing folders', () => {
  const files = globSync('{flux,argocd}/*.yaml', { cwd: join(ROOT, REPOSITORY) });
  const objects = files.flatMap((file) => objectsOf(readFileSync(join(ROOT, REPOSITORY, file), 'utf8')));
  const paths = objects.flatMap(({ metadata: { name }, spec }) => {
    const { path, source } = (spec ?? {}) as { path?: string; source?: { path: string } };
    const folder = path ?? source?.path;
    // The operator is in a repository of its own: this one.
    return folder === undefined ? [] : [join(ROOT, name === 'copepod' ? '' : REPOSITORY, folder, 'kustomization.yaml')];
  });
  expect(paths.length).toBe(3);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});

test('deploy/argocd sets the health checks under the keys that Argo CD reads', () => {
  const [configMap] = objectsOf(kustomize('deploy/argocd')) as (KubeObject & { data: Record<string, string> })[];
  expect(configMap?.metadata).toEqual({
    name: 'argocd-cm',
    namespace: 'argocd',
    labels: { 'app.kubernetes.io/part-of': 'argocd' },
  });
  expect(configMap?.data).toEqual(
    Object.fromEntries(
      Object.entries(HEALTH_CHECKS).map(([kind, file]) => [
        `resource.customizations.health.copepod.dev_${kind}`,
        readFileSync(file, 'utf8'),
      ]),
    ),
  );
});
