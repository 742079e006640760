/** A pod that could take a run, as this gateway knows it. */
export interface Candidate {
  readonly uid: string;
  /** Runs that it executes at once. */
  readonly capacity: number;
  /** Runs of this gateway on it. */
  readonly inFlight: number;
}

/** How far a pod's load may exceed its share before a tenant's next run goes elsewhere. */
const MAX_LOAD = 1.25;

/**
 * Chooses a pod for a run of a tenant: consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam 2016),
 * with rendezvous hashing (Thaler, Ravishankar 1998) instead of a ring. Every tenant has an order of preference of its
 * own, which others' coming and going does not change, and gets the first pod whose load is at most 1.25 times its share;
 * so a tenant meets its own warm processes. If all exceed theirs, the least loaded one. Pure.
 */
export function choosePod<P extends Candidate>(pods: readonly P[], tenantKey: string): P | undefined {
  const capacity = pods.reduce((sum, pod) => sum + pod.capacity, 0);
  const load = 1 + pods.reduce((sum, pod) => sum + pod.inFlight, 0);
  let preferred: P | undefined;
  let highest = -1;
  let idlest: P | undefined;
  for (const pod of pods) {
    if (idlest === undefined || pod.inFlight / pod.capacity < idlest.inFlight / idlest.capacity) idlest = pod;
    if (pod.inFlight >= Math.ceil((MAX_LOAD * load * pod.capacity) / capacity)) continue;
    const score = scoreOf(tenantKey, pod.uid);
    if (score > highest) [preferred, highest] = [pod, score];
  }
  return preferred ?? idlest;
}

/** A hash of both: FNV-1a, then the finalizer of MurmurHash3, as the last characters alone hardly change FNV's high bits. */
function scoreOf(tenantKey: string, podUID: string): number {
  let hash = 0x811c9dc5;
  const text = `${tenantKey}\n${podUID}`;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
