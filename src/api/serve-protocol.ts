/**
 * The part of the protocol of runtime pods by which a script answers an HTTP request (pod-protocol.ts has the rest):
 *
 * | request | answers |
 * |---|---|
 * | `POST /v1/gateway/requests/{id}`: one frame, a ServeRequest and the request's body | 200: a frame for each ServePart, the last is the outcome |
 * | `POST /v1/gateway/requests/{id}/body`: the next bytes of a streamed body, none at its end | 204: the script has them; UnknownRun: nothing waits for them |
 * | `DELETE /v1/gateway/requests/{id}/body`: the body has broken off | 204: reading it throws; UnknownRun, as above |
 *
 * The first frame is sent when the script gives the head of its response, or has ended without one. A disconnect cancels the run. A
 * refusal has another status, and means that nothing was started.
 *
 * A streamed body is sent piece by piece: the pod asks for each piece (`pull`) when the script waits for bytes, and not before the run has
 * been accepted. So a gateway that has been asked for none may send the request to another pod. Each piece is signed as a request of its own.
 */

import type { SecretAuthentication } from './endpoints/request-authentication.ts';
import { MAX_REQUEST_BYTES, type RunRequest } from './pod-protocol.ts';
import { isWebResponseHead, MAX_WHOLE_BODY_BYTES, type WebRequestHead, type WebResponseHead } from './web-exchange.ts';

export const FRAMES_TYPE = 'application/vnd.copepod.frames';

/** A run whose script exports a web handler: it answers `request`. */
export interface ServeRequest extends RunRequest {
  readonly request: WebRequestHead;
  /** The body comes in pieces, and not with this frame. */
  readonly isStreamed?: true;
  /** Name of the module that stays evaluated for the next request; absent: each has a fresh context. */
  readonly module?: string;
  /** How the pod authenticates it, by a Secret that is mounted there; absent: the gateway has. */
  readonly auth?: SecretAuthentication;
}

/** A frame of the answer. */
export type ServePart =
  /** A part of the response. The first has the head; the blob has bytes of the body. */
  | { readonly part: 'response'; readonly head?: WebResponseHead; readonly isLast: boolean }
  /** The next piece of the request's streamed body is wanted. */
  | { readonly part: 'pull' }
  /** The end of the run: the blob is the JSON of a RunState. */
  | { readonly part: 'outcome' };

/** The most bytes of a request as one frame. */
export const MAX_SERVE_BYTES = MAX_REQUEST_BYTES + MAX_WHOLE_BODY_BYTES;

/** Checks a frame's JSON: the image of a pod may be any. */
export function isServePart(value: unknown): value is ServePart {
  const { part, head, isLast } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (part === 'outcome' || part === 'pull') return true;
  return part === 'response' && typeof isLast === 'boolean' && (head === undefined || isWebResponseHead(head));
}
