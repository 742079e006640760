import type { IncomingMessage } from 'node:http';
import type { KubeClient } from '../kube/client.ts';

/** The user of a browser, with the user's own rights in the cluster. Disposed when a request has been answered. */
export interface Viewer extends Disposable {
  readonly client: KubeClient;
  /** Aborted, with a Refusal, once the API server does not accept the viewer any more. */
  readonly signal?: AbortSignal;
}

/** Identifies the viewer of a request. */
export interface Viewers {
  /** @throws Refusal; ApiError and TransportError where the API server is asked */
  of(request: IncomingMessage): Promise<Viewer>;
  close(): void;
}
