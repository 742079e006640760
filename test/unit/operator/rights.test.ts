import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

const ROOT = join(import.meta.dirname, '../../..');

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}
interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
}

/** Every rule in deploy/ that concerns Secrets, by its role. */
const rules = globSync('deploy/**/*.yaml', { cwd: ROOT })
  .flatMap((file) => parseAllDocuments(readFileSync(join(ROOT, file), 'utf8')))
  .map((document) => document.toJS() as Role | null)
  .filter((object): object is Role => object?.kind === 'Role' || object?.kind === 'ClusterRole')
  .flatMap(({ kind, metadata, rules = [] }) =>
    rules.map((rule) => ({ role: `${kind} ${metadata.namespace ?? ''}/${metadata.name}`, rule })),
  );

test('no role of deploy/ may do anything with the Secrets of tenants', () => {
  expect(rules.length).toBeGreaterThan(10);
  const ofSecrets = rules.filter(({ rule: { resources = [] } }) =>
    resources.some((each) => each === '*' || each.split('/')[0] === 'secrets'),
  );
  const operator = 'Role copepod-system/copepod-operator';
  const gateway = 'Role copepod-system/copepod-gateway';
  const reading = (...resourceNames: string[]): Rule => ({
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames,
    verbs: ['get'],
  });
  expect(ofSecrets.toSorted((one, other) => one.role.localeCompare(other.role))).toEqual([
    { role: gateway, rule: reading('copepod-gateway-key') },
    { role: operator, rule: { apiGroups: [''], resources: ['secrets'], verbs: ['create'] } },
    { role: operator, rule: reading('copepod-operator-key', 'copepod-gateway-key') },
  ]);
});
