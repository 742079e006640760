import { PODS } from '../../../src/operator/kube/resources.ts';
import { insistOnDeleting } from '../cluster/insist.ts';
import type { PodProcess } from '../cluster/pod-processes.ts';
import type { Scene } from './trouble.ts';

const killedBefore = new Set<string>();

/**
 * Kills a pod's process: SIGKILL. The kubelet starts it again at once the first time, and ever later after that; so the second time
 * the pod is deleted too, and another takes its place. Else it is the kubelet's patience that is tried.
 */
export async function killProcess(scene: Scene, { pid, pod, podUID, namespace }: PodProcess): Promise<void> {
  process.kill(pid, 'SIGKILL');
  if (killedBefore.has(podUID)) await deletePod(scene, { namespace, pod }, 0);
  killedBefore.add(podUID);
}

/** Deletes a pod, with the time to end that it asks for, or with that many seconds; 0: it is gone at once. */
export async function deletePod(
  { cluster, signal }: Scene,
  { namespace, pod }: Pick<PodProcess, 'namespace' | 'pod'>,
  gracePeriodSeconds?: number,
): Promise<void> {
  await insistOnDeleting(signal, (call) =>
    cluster.client.delete(PODS, { namespace, name: pod }, { ...call, gracePeriodSeconds }),
  );
}
