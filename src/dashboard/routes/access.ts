import type { KubeClient } from '../../kube/client.ts';
import { SELF_SUBJECT_ACCESS_REVIEWS } from '../../kube/resources.ts';
import type { Access } from '../messages.ts';
import { nameIn, type Route } from './route.ts';

/** `GET /api/access?namespace=`: which actions the page offers. What happens is decided by the API server at each of them. */
export const accessRoute: Route = async ({ client, query, signal }): Promise<Access> => {
  const namespace = nameIn(query.get('namespace') ?? undefined, 'namespace');
  const [changeExecutions, changeSchedules] = await Promise.all([
    mayPatch(client, namespace, 'scriptexecutions', signal),
    mayPatch(client, namespace, 'scriptschedules', signal),
  ]);
  return { changeExecutions, changeSchedules };
};

async function mayPatch(
  client: KubeClient,
  namespace: string,
  resource: string,
  signal: AbortSignal,
): Promise<boolean> {
  const resourceAttributes = { namespace, verb: 'patch', group: 'copepod.dev', resource };
  const review = { metadata: { name: '' }, spec: { resourceAttributes } };
  const { status } = await client.create(SELF_SUBJECT_ACCESS_REVIEWS, review, { signal });
  return status?.allowed === true;
}
