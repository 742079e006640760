import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type TestClient } from '../../api-server/client.ts';

/** The requesting user. */
export interface Subject {
  readonly user: string;
  readonly groups: readonly string[];
}

/**
 * Where access is checked: a namespace, or '' for all namespaces and cluster-scoped resources; objects of this name, or
 * '' for any.
 */
export interface Scope {
  readonly namespace: string;
  readonly name?: string;
}

/** Allowed verbs by resource: `{ 'deployments.apps': 'get list' }`. */
export type Access = Readonly<Record<string, string>>;

interface Resource {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
}

interface ResourceList {
  readonly resources: readonly { readonly name: string }[];
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
/** Verbs that only the authorizer knows, for few resources, some of which no discovery lists. */
const SPECIAL_VERBS: Access = {
  ...{ users: 'impersonate', groups: 'impersonate', uids: 'impersonate', serviceaccounts: 'impersonate' },
  'userextras.authentication.k8s.io': 'impersonate',
  'roles.rbac.authorization.k8s.io': 'bind escalate',
  'clusterroles.rbac.authorization.k8s.io': 'bind escalate',
  'signers.certificates.k8s.io': 'approve sign attest',
};
const CONCURRENT_REQUESTS = 32;

export function serviceAccount(namespace: string, name: string): Subject {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return { user: `system:serviceaccount:${namespace}:${name}`, groups };
}

export function person(user: string): Subject {
  return { user, groups: ['system:authenticated'] };
}

/** Every resource the server serves, and special ones that can be granted, as `deployments.apps/scale`. */
export async function discoverResources(api: TestClient): Promise<string[]> {
  const { groups } = await api.request<{ groups: { versions: { groupVersion: string }[] }[] }>('GET', '/apis');
  const versions = groups.flatMap((group) => group.versions.map(({ groupVersion }) => groupVersion));
  const lists = [['', '/api/v1'], ...versions.map((version) => [version.split('/')[0], `/apis/${version}`])];
  const found = new Set(Object.keys(SPECIAL_VERBS));
  for (const [group = '', path = ''] of lists) {
    for (const { name } of (await served(api, path)).resources) {
      const [resource = '', subresource = ''] = name.split('/');
      found.add(keyOf({ group, resource, subresource }));
      found.add(keyOf({ group, resource, subresource: 'finalizers' }));
    }
  }
  return [...found].sort();
}

/** A group that another test removes at the moment may be gone. */
async function served(api: TestClient, path: string): Promise<ResourceList> {
  return api.request<ResourceList>('GET', path).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 404) return { resources: [] };
    throw error;
  });
}

/** Asks the server for every verb on each of the resources. */
export async function accessTo(
  resources: readonly string[],
  api: TestClient,
  subject: Subject,
  scope: Scope,
): Promise<Access> {
  const asked = resources.flatMap((resource) => {
    const verbs = [...VERBS, ...(SPECIAL_VERBS[resource]?.split(' ') ?? [])];
    return verbs.map((verb) => ({ resource, verb }));
  });
  const access: Record<string, string> = {};
  for (let i = 0; i < asked.length; i += CONCURRENT_REQUESTS) {
    const batch = asked.slice(i, i + CONCURRENT_REQUESTS);
    const verdicts = await Promise.all(batch.map(({ resource, verb }) => may(api, subject, scope, verb, resource)));
    for (const { resource, verb } of batch.filter((_, index) => verdicts[index])) {
      access[resource] = access[resource] ? `${access[resource]} ${verb}` : verb;
    }
  }
  return access;
}

/** Waits until all access is granted: RBAC takes effect a moment after it is written. Throws after 10 s. */
export async function awaitAccess(access: Access, api: TestClient, subject: Subject, scope: Scope): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (const [resource, verbs] of Object.entries(access)) {
    for (const verb of verbs.split(' ')) {
      while (!(await may(api, subject, scope, verb, resource))) {
        if (performance.now() > deadline) {
          throw new Error(`${subject.user} may not ${verb} ${resource} in namespace "${scope.namespace}"`);
        }
        await sleep(20);
      }
    }
  }
}

async function may(
  api: TestClient,
  { user, groups }: Subject,
  scope: Scope,
  verb: string,
  key: string,
): Promise<boolean> {
  const { status } = await api.request<{ status: { allowed: boolean } }>(
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, groups, resourceAttributes: { ...scope, verb, ...resourceOf(key) } },
    },
  );
  return status.allowed;
}

function keyOf({ group, resource, subresource }: Resource): string {
  return `${resource}${group && `.${group}`}${subresource && `/${subresource}`}`;
}

function resourceOf(key: string): Resource {
  const [path = '', subresource = ''] = key.split('/');
  const [resource = '', ...group] = path.split('.');
  return { group: group.join('.'), resource, subresource };
}
