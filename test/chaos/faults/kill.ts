import { PODS } from '../../../src/kube/resources.ts';
import { insistOnDeleting } from '../cluster/insist.ts';
import type { PodProcess } from '../cluster/pod-processes.ts';
import type { Scene } from './fault.ts';

const killedBefore = new Set<string>();

/**
 * Kills a pod's process with SIGKILL. The kubelet restarts it at once the first time and with growing back-off
 * afterwards; the second time the pod is deleted too, so that a new one replaces it without back-off.
 */
export async function killProcess(scene: Scene, { pid, pod, podUID, namespace }: PodProcess): Promise<void> {
  process.kill(pid, 'SIGKILL');
  if (killedBefore.has(podUID)) await deletePod(scene, { namespace, pod }, 0);
  killedBefore.add(podUID);
}

/** Deletes a pod with its own grace period, or with this many seconds; 0 deletes it at once. */
export async function deletePod(
  { cluster, signal }: Scene,
  { namespace, pod }: Pick<PodProcess, 'namespace' | 'pod'>,
  gracePeriodSeconds?: number,
): Promise<void> {
  await insistOnDeleting(signal, (call) =>
    cluster.client.delete(PODS, { namespace, name: pod }, { ...call, gracePeriodSeconds }),
  );
}
