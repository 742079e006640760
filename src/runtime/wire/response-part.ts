import { isWebResponseHead, type WebResponseHead } from '../../api/web-exchange.ts';

/**
 * A part of the response of a web handler, from the sandbox: its head and the first bytes of its body, then more bytes. The blob
 * of the frame holds them. The supervisor answers each part but the last with a `reply`, once it has been taken, so that one is
 * under way at most.
 */
export interface ResponsePart {
  readonly op: 'respond';
  readonly id: number;
  /** Number of the answer. */
  readonly call: number;
  /** In the first part. */
  readonly head?: WebResponseHead;
  /** The body is complete. */
  readonly last: boolean;
}

export { MAX_PART_BYTES } from '../../api/web-exchange.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Checks a part field by field: it is as hostile as the sandbox. */
export const isResponsePart = ({ call, head, last }: Fields): boolean =>
  Number.isSafeInteger(call) &&
  (call as number) >= 0 &&
  (head === undefined || isWebResponseHead(head)) &&
  typeof last === 'boolean';
