import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject, TestClient } from '../../../api-server/client.ts';
import { ROOT } from '../../../integration/support/cli.ts';
import { awaitAccess, serviceAccount } from '../../support/access.ts';

let names = 0;

/** Creates a user with some of the roles of deploy/ in a namespace. Returns their token. */
export async function makeUser(
  api: TestClient,
  namespace: string,
  ...roles: readonly ('copepod-view' | 'copepod-edit' | 'copepod-admin')[]
): Promise<string> {
  names += 1;
  const name = `user-${names}`;
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
  await api.apply(account);
  const documents = parseAllDocuments(readFileSync(join(ROOT, 'deploy/base/user-roles.yaml'), 'utf8'));
  for (const role of new Set(['copepod-view', ...roles])) {
    const { rules } = documents.map((each) => each.toJS()).find(({ metadata }) => metadata.name === role) as KubeObject;
    const of = { name: `${role}-${name}`, namespace };
    const kind = { apiVersion: 'rbac.authorization.k8s.io/v1' };
    await api.apply({ ...kind, kind: 'Role', metadata: of, rules });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: of.name };
    const subjects = [{ kind: 'ServiceAccount', name, namespace }];
    await api.apply({ ...kind, kind: 'RoleBinding', metadata: of, roleRef, subjects });
  }
  const scope = { namespace };
  await awaitAccess({ 'scriptexecutions.copepod.dev': 'get list' }, api, serviceAccount(namespace, name), scope);
  if (roles.includes('copepod-edit')) {
    await awaitAccess({ 'scriptexecutions.copepod.dev': 'create patch' }, api, serviceAccount(namespace, name), scope);
  }
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const path = `${await api.pathOf(account)}/token`;
  const { status } = await api.request<{ status: { token: string } }>('POST', path, request);
  return status.token;
}
