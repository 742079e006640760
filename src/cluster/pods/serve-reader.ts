import type { IncomingMessage } from 'node:http';
import { FrameDecoder } from '../../api/frame.ts';
import { isServePart } from '../../api/serve-protocol.ts';
import { MAX_PART_BYTES, MAX_RESPONSE_BODY_BYTES, type WebResponseHead } from '../../api/web-exchange.ts';

/** A part of a script's response. The first has the head. */
export interface ServedPart {
  readonly head?: WebResponseHead;
  readonly bytes: Buffer;
  readonly isLast: boolean;
}

/** Takes a part; the pod sends no more before a promise that it returns is fulfilled. */
export type OnServedPart = (part: ServedPart) => void | Promise<void>;

/** What a pod's answer has done with it. */
export interface ServedEvents {
  readonly onPart: OnServedPart;
  /** The next piece of the request's body is wanted. */
  readonly onPull?: (() => void) | undefined;
}

const MAX_HEAD_BYTES = 512 << 10;

/**
 * Reads a pod's answer to a request that a script answers: gives the parts of the response on in their order, and returns the text of the outcome.
 * @param maxOutcomeBytes the longest text of an outcome
 * @throws Error if the answer is incomplete, or is none
 */
export async function readServed(
  response: IncomingMessage,
  maxOutcomeBytes: number,
  { onPart, onPull }: ServedEvents,
): Promise<string> {
  const decoder = new FrameDecoder({
    maxJsonBytes: MAX_HEAD_BYTES,
    maxBlobBytes: Math.max(MAX_PART_BYTES, maxOutcomeBytes),
  });
  let state: 'head' | 'body' | 'complete' = 'head';
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    for (const { message, blob } of decoder.push(chunk)) {
      if (!isServePart(message)) throw new Error("a frame of the pod's answer is of no known kind");
      if (message.part === 'outcome') return blob.toString('utf8');
      if (message.part === 'pull') {
        if (onPull === undefined) throw new Error('the pod asks for a body that is not streamed');
        onPull();
        continue;
      }
      const { head, isLast } = message;
      bytes += blob.length;
      if (state === 'complete' || (head !== undefined) !== (state === 'head') || bytes > MAX_RESPONSE_BODY_BYTES) {
        throw new Error("the parts of the pod's response are in no order, or too many");
      }
      state = isLast ? 'complete' : 'body';
      await onPart({ ...(head === undefined ? {} : { head }), bytes: blob, isLast });
    }
  }
  throw new Error("the pod's answer has no end");
}
