import { ApiError, isForbidden, isNotFound, TransportError } from '../../kube/api-error.ts';

/** What the cluster refuses, does not have, or does not answer. The process exits with 2. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  /** How to correct it, if there is advice. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Where a command was directed. */
export interface Target {
  /** `host:port` of the API server. */
  readonly host: string;
  readonly namespace: string;
}

/**
 * An error of the API server, or of the way to it, for people. Any other error stays as it is. Pure.
 *
 * A 404 is about an object with a name, or about a kind that the server does not have.
 */
export function clusterError(error: unknown, { host, namespace }: Target): unknown {
  if (error instanceof TransportError) {
    const hint = 'kubectl cluster-info asks the same cluster; --kubeconfig and --context choose another';
    return new ClusterError(`no answer from the cluster at ${host}: ${error.message}`, hint);
  }
  if (!(error instanceof ApiError)) return error;
  if (error.status === 401) {
    const hint = 'log in again, or choose another user with --context';
    return new ClusterError(`the cluster at ${host} does not accept your credentials`, hint);
  }
  if (isForbidden(error)) return new ClusterError(error.message, forbiddenHint(error.message, namespace));
  if (isNotFound(error) && !error.details.name) {
    const hint = 'install it (make deploy), or choose another cluster with --context';
    return new ClusterError(`the cluster at ${host} has no Copepod: it serves no kinds of copepod.dev`, hint);
  }
  return new ClusterError(error.message);
}

const DENIED = /cannot (\w+) resource "([^"]+)"/;

function forbiddenHint(message: string, namespace: string): string | undefined {
  const [, verb, resource] = DENIED.exec(message) ?? [];
  if (verb === undefined) return undefined;
  const group = resource?.startsWith('script') ? `${resource}.copepod.dev` : resource;
  return `kubectl auth can-i ${verb} ${group} -n ${namespace}; the role copepod-view reads, copepod-edit also writes executions`;
}
