import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { OperatorSettings } from './settings.ts';

/** The identity of a process in the leader election. */
export interface Identity {
  /** Unique to this process: a restart has another. Starts with the host name, which in a pod is the pod's name. */
  readonly name: string;
  /** Whether the process with this name has certainly exited. */
  readonly hasEnded: (name: string) => boolean;
}

/**
 * Names a process. The first process of a container (pid 1) starts only after the previous one has exited: an operator
 * restarted in its pod need not wait for a Lease that no process can renew. Nothing is known about processes of other
 * pods.
 */
export function identityOf({ podUID }: Pick<OperatorSettings, 'podUID'>, pid = process.pid): Identity {
  const place = `${hostname()}_${podUID ?? ''}`;
  const name = `${place}_${randomUUID()}`;
  const isFirstOfPod = podUID !== undefined && pid === 1;
  return { name, hasEnded: (other) => isFirstOfPod && other !== name && other.startsWith(`${place}_`) };
}
