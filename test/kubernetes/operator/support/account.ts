import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject, TestClient } from '../../../api-server/client.ts';
import type { Connection } from '../../../api-server/connection.ts';
import { ROOT } from '../../../integration/support/cli.ts';
import { awaitAccess, serviceAccount } from '../../support/access.ts';

const NAME = 'copepod-operator';

/** Creates the operator's account with the RBAC rules of deploy/ and a kubeconfig. Returns the user name. */
export async function makeAccount(
  api: TestClient,
  {
    connection,
    ownNamespace,
    namespace,
    kubeconfig,
  }: { connection: Connection; ownNamespace: string; namespace: string; kubeconfig: string },
): Promise<string> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace: ownNamespace } };
  await api.apply(account);
  await bind(api, 'deploy/base/own-role.yaml', ownNamespace, ownNamespace);
  await bind(api, 'deploy/watch/role.yaml', namespace, ownNamespace);
  const { status } = await api.request<{ status: { token: string } }>('POST', `${await api.pathOf(account)}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  });
  const config = JSON.parse(readFileSync(join(connection.directory, 'kubeconfig'), 'utf8')) as {
    users: { user: object }[];
  };
  for (const each of config.users) each.user = { token: status.token };
  writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
  const subject = serviceAccount(ownNamespace, NAME);
  await awaitAccess({ secrets: 'create' }, api, subject, { namespace: ownNamespace });
  await awaitAccess({ 'scriptexecutions.copepod.dev/status': 'update' }, api, subject, { namespace });
  return subject.user;
}

/** Binds the Role of a file (or its ClusterRole, as a Role) in a namespace to the operator's account. */
async function bind(api: TestClient, file: string, namespace: string, ownNamespace: string): Promise<void> {
  const documents = parseAllDocuments(
    readFileSync(join(ROOT, file), 'utf8').replaceAll('copepod-system', ownNamespace),
  );
  for (const document of documents) {
    const object = document.toJS() as KubeObject & { roleRef?: { kind: string } };
    const { name } = object.metadata;
    const kind = object.kind.replace('ClusterRole', 'Role');
    const roleRef = object.roleRef && { roleRef: { ...object.roleRef, kind: 'Role' } };
    await api.apply({ ...object, kind, metadata: { name, namespace }, ...roleRef });
  }
}
