import type { IncomingMessage } from 'node:http';
import { type Frame, FrameDecoder } from '../../api/frame.ts';
import { isServePart, type ServePart } from '../../api/serve-protocol.ts';
import { MAX_PART_BYTES, MAX_RESPONSE_BODY_BYTES, type WebResponseHead } from '../../api/web-exchange.ts';
import { eachChunk } from './each-chunk.ts';

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

type ResponsePart = Extract<ServePart, { part: 'response' }>;

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
  let outcome: string | undefined;

  const takePart = ({ head, isLast }: ResponsePart, blob: Buffer): void | Promise<void> => {
    bytes += blob.length;
    if (state === 'complete' || (head !== undefined) !== (state === 'head') || bytes > MAX_RESPONSE_BODY_BYTES) {
      throw new Error("the parts of the pod's response are in no order, or too many");
    }
    state = isLast ? 'complete' : 'body';
    return onPart({ ...(head === undefined ? {} : { head }), bytes: blob, isLast });
  };

  /** Takes a frame. True: it was the last. */
  const takeFrame = ({ message, blob }: Frame): boolean | Promise<void> => {
    if (!isServePart(message)) throw new Error("a frame of the pod's answer is of no known kind");
    if (message.part === 'response') return takePart(message, blob) ?? false;
    if (message.part === 'outcome') {
      outcome = blob.toString('utf8');
      return true;
    }
    if (onPull === undefined) throw new Error('the pod asks for a body that is not streamed');
    onPull();
    return false;
  };

  const takeFrames = (frames: Iterator<Frame>): boolean | Promise<boolean> => {
    for (let next = frames.next(); !next.done; next = frames.next()) {
      const taken = takeFrame(next.value);
      if (taken === true) return true;
      if (taken !== false) return taken.then(() => takeFrames(frames));
    }
    return false;
  };

  await eachChunk(response, (chunk) => takeFrames(decoder.push(chunk)));
  if (outcome === undefined) throw new Error("the pod's answer has no end");
  return outcome;
}
