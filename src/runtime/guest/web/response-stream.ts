/** Sends a response part by part, as its body comes. */
import { MAX_PART_BYTES, type WebResponseHead } from '../../../api/web-exchange.ts';
import type { StepAnswer } from '../fetch-steps.ts';
import type { Body } from './body.ts';
import { sendPart } from './kit.ts';
import type { ByteReader } from './lazy-streams.ts';
import { lastPart, partText, tooLong } from './response-part.ts';
import { copied, cut } from './utf8.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Sends a body as it comes, each part once the one before has been taken. */
export async function sendStream(head: WebResponseHead, body: Body): Promise<void> {
  const parts = new Parts(head);
  const reader = body.reader();
  const first = reader.read();
  const atOnce = await soon(first);
  // What is a stream only because something has wrapped it is sent whole, and so has a length.
  if (atOnce !== undefined && atOnce.bytes !== undefined && atOnce.bytes.length <= MAX_PART_BYTES) {
    const second = reader.read();
    const end = await soon(second);
    if (end !== undefined && end.bytes === undefined) return parts.last(copied(atOnce.bytes));
    await parts.next(copied(atOnce.bytes));
    return sendRest(second, reader, parts);
  }
  // The head goes first: a stream may say nothing for long.
  if (atOnce === undefined) await parts.next(undefined);
  return sendRest(first, reader, parts);
}

async function sendRest(next: Promise<Bytes | undefined>, reader: ByteReader, parts: Parts): Promise<void> {
  for (let reading = next; ; reading = reader.read()) {
    const bytes = await reading;
    if (bytes === undefined) return parts.last(undefined);
    for (let from = 0; from < bytes.length; from += MAX_PART_BYTES) {
      await parts.next(copied(cut(bytes, from, from + MAX_PART_BYTES)));
    }
  }
}

/** Turns of promises within which a stream that has its bytes gives them. */
const TURNS = 16;

/** What a read gives without waiting for anything but promises; undefined where it takes longer. */
async function soon(reading: Promise<Bytes | undefined>): Promise<{ readonly bytes: Bytes | undefined } | undefined> {
  let read: { readonly bytes: Bytes | undefined } | undefined;
  let hasFailed = false;
  reading.then(
    (bytes) => {
      read = { __proto__: null, bytes } as { readonly bytes: Bytes | undefined };
    },
    () => {
      hasFailed = true;
    },
  );
  for (let i = 0; i < TURNS && read === undefined && !hasFailed; i++) await undefined;
  return read;
}

/** The parts of one response: its head goes with the first. */
class Parts {
  #head: WebResponseHead | undefined;

  constructor(head: WebResponseHead) {
    this.#head = head;
  }

  /** Sends bytes. Settles when they have been taken. */
  async next(bytes: Bytes | undefined): Promise<void> {
    const taken = sendPart(partText(this.#takeHead(), false), bytes);
    if (taken === undefined) throw tooLong();
    await (taken as Promise<StepAnswer>);
  }

  /** Sends the end of the body. */
  last(bytes: Bytes | undefined): void {
    lastPart(this.#takeHead(), bytes);
  }

  #takeHead(): WebResponseHead | undefined {
    const head = this.#head;
    this.#head = undefined;
    return head;
  }
}
