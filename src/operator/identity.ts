import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { OperatorSettings } from './settings.ts';

/** Who a process is among operators. */
export interface Identity {
  /** Of this process, and of no other, not even its successor. Begins with the host's name, in a pod the pod's. */
  readonly name: string;
  /** Whether a name is that of a process which has certainly ended. */
  readonly hasEnded: (name: string) => boolean;
}

/**
 * Names a process. The first one of a container, whose pid is 1, is started only when the one before it has ended: an operator that
 * was started again in its pod need not wait for a lease that nobody can renew. Of other pods' processes nothing is known.
 */
export function identityOf({ podUID }: Pick<OperatorSettings, 'podUID'>, pid = process.pid): Identity {
  const place = `${hostname()}_${podUID ?? ''}`;
  const name = `${place}_${randomUUID()}`;
  const isFirstOfPod = podUID !== undefined && pid === 1;
  return { name, hasEnded: (other) => isFirstOfPod && other !== name && other.startsWith(`${place}_`) };
}
