import type { ScriptEndpoint } from '../../api/types.generated.ts';
import type { PodDirectory } from '../../cluster/pods/pod-directory.ts';
import type { GatewayCaches } from './caches.ts';

/**
 * Tells the directory of pods that are about to be removed and of changed NetworkPolicies, and the endpoints of their changes.
 * Returns what ends it.
 */
export function follow(
  caches: GatewayCaches,
  directory: PodDirectory,
  endpoints: { changed: () => void; deleted: (endpoint: ScriptEndpoint) => void },
): () => void {
  const leaving = ({
    metadata: { uid = '' },
    deletionCost,
  }: {
    metadata: { uid?: string };
    deletionCost: { isMarked: boolean };
  }) => directory.withhold(uid, deletionCost.isMarked);
  const policy = ({ runtime }: { runtime: string }): void => directory.networkPolicyChanged(runtime);
  const stops = [
    // After the directory's own handler, which adds the pod.
    caches.pods.handle({ added: leaving, updated: leaving }),
    caches.policies.handle({ added: policy, updated: policy, deleted: policy }),
    caches.endpoints.handle({
      added: endpoints.changed,
      updated: ({ metadata }, before) => {
        // A status decides nothing here.
        if (metadata.generation !== before.metadata.generation) endpoints.changed();
      },
      deleted: endpoints.deleted,
    }),
  ];
  return () => {
    for (const each of stops) each();
  };
}
