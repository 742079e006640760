import { NAMESPACES, SELF_SUBJECT_REVIEWS } from '../../kube/resources.ts';
import type { Session } from '../messages.ts';
import type { Route } from './route.ts';

/** `GET /api/session`: the viewer and the cluster. */
export const sessionRoute =
  (about: Omit<Session, 'user'>): Route =>
  async ({ client, signal }): Promise<Session> => {
    const review = await client.create(SELF_SUBJECT_REVIEWS, { metadata: { name: '' } }, { signal });
    const user = review.status?.userInfo?.username;
    return user === undefined ? about : { ...about, user };
  };

/** `GET /api/namespaces`: names of those that the viewer may list. */
export const namespacesRoute: Route = async ({ client, signal }) => {
  const all = await client.listMetadata(NAMESPACES, { signal });
  return { names: all.map(({ name }) => name).sort() };
};
