import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSubdomain } from '../../api/kubernetes-names.ts';
import type { KubeClient } from '../../kube/client.ts';
import { badRequest } from '../refusal.ts';

/** A request for the API of the dashboard, by a viewer. */
export interface ApiRequest {
  /** With the viewer's rights. */
  readonly client: KubeClient;
  /** Parts of the path after the name of the route, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** JSON of the body; undefined for GET. */
  readonly body: unknown;
  /** Aborted when the browser is gone. */
  readonly signal: AbortSignal;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Answers with the JSON that it returns; a stream writes its answer itself and returns undefined. */
export type Route = (request: ApiRequest) => Promise<object | undefined>;

/** A name from a path or query: nothing else gets into a path of the API server. @throws Refusal if no object can have it */
export function nameIn(value: string | undefined, what: string): string {
  if (value === undefined || !isSubdomain(value)) throw badRequest(`${what} is not the name of an object`);
  return value;
}

/** The namespace of a query; undefined: all. @throws Refusal */
export function namespaceIn(query: URLSearchParams): string | undefined {
  const namespace = query.get('namespace') ?? '';
  return namespace === '' ? undefined : nameIn(namespace, 'namespace');
}
