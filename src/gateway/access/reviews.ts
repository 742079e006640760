import type { KubeClient } from '../../kube/client.ts';
import { SUBJECT_ACCESS_REVIEWS, TOKEN_REVIEWS } from '../../kube/resources.ts';

/** A user as the API server knows it. */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Questions to the API server. Both throw if it does not answer. */
export interface Reviews {
  /** The user of a token; undefined if it is not valid. */
  user(token: string): Promise<User | undefined>;
  /** Whether a user may create ScriptExecutions in a namespace. */
  mayExecute(user: User, namespace: string): Promise<boolean>;
}

const TIMEOUT_MS = 5000;
const CALL = { timeoutMs: TIMEOUT_MS } as const;

/** TokenReview and SubjectAccessReview: no object of theirs is ever stored. */
export function reviewsOf(client: Pick<KubeClient, 'create'>): Reviews {
  return {
    async user(token) {
      const { status } = await client.create(TOKEN_REVIEWS, { metadata: { name: '' }, spec: { token } }, CALL);
      return status?.authenticated && status.user?.username ? (status.user as User) : undefined;
    },
    async mayExecute({ username: user, uid, groups, extra }, namespace) {
      const resourceAttributes = { namespace, verb: 'create', group: 'copepod.dev', resource: 'scriptexecutions' };
      const spec = {
        user,
        resourceAttributes,
        ...(uid === undefined ? {} : { uid }),
        ...(groups === undefined ? {} : { groups: [...groups] }),
        ...(extra === undefined ? {} : { extra: mutable(extra) }),
      };
      const { status } = await client.create(SUBJECT_ACCESS_REVIEWS, { metadata: { name: '' }, spec }, CALL);
      return status?.allowed === true;
    },
  };
}

const mutable = (extra: NonNullable<User['extra']>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(extra).map(([name, values]) => [name, [...values]]));
