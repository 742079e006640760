import type { IncomingMessage } from 'node:http';
import type { KubeClient } from '../kube/client.ts';

/** The user of a browser, with the user's own rights in the cluster. Disposed when a request has been answered. */
export interface Viewer extends Disposable {
  readonly client: KubeClient;
}

/** Identifies the viewer of a request. */
export interface Viewers {
  /** @throws Refusal */
  of(request: IncomingMessage): Viewer;
  close(): void;
}
