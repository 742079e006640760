import type { Deployment } from '../../kube/resources.ts';
import type { RuntimeSituation } from './situation.ts';

/** The Deployment has exceeded its progress deadline (`progressDeadlineSeconds`). */
export function isTooSlow(deployment: Deployment | undefined): boolean {
  const progressing = deployment?.status?.conditions?.find(({ type }) => type === 'Progressing');
  return progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded';
}

/**
 * Whether a rollout or a change of replicas is in progress. A scaling step of the autoscaler does not count, only pods
 * of an older template.
 */
export function isMoving({ runtime, replicas, deployment }: RuntimeSituation): boolean {
  if (deployment === undefined) return true;
  const { metadata, spec, status = {} } = deployment;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return true;
  if (runtime.spec.autoscaling !== undefined) return (status.updatedReplicas ?? 0) < (status.replicas ?? 0);
  return (
    spec?.replicas !== replicas ||
    (status.updatedReplicas ?? 0) !== replicas ||
    (status.replicas ?? 0) !== replicas ||
    (status.readyReplicas ?? 0) !== replicas
  );
}
