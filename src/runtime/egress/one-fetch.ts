import { Readable } from 'node:stream';
import type { FetchAnswer } from '../wire/fetch-step.ts';
import { exchange, type FetchRequest, type Sender, type Surroundings } from './exchange.ts';
import { FetchError } from './fetch-error.ts';
import type { ResponseBody } from './response-body.ts';

/** Bytes of a request's body that wait for the network before the script has to wait. */
const UPLOAD_BYTES = 256 << 10;
const VIOLATION = 'a step of fetch out of turn';

/** One fetch of a script, from its first step to the end of its response's body. */
export class OneFetch {
  readonly #abort = new AbortController();
  #body: ResponseBody | undefined;
  readonly #upload: Upload | undefined;
  #canBeRead = false;

  /** @param hasUpload the body of the request comes in steps, from now on */
  constructor(hasUpload: boolean) {
    this.#upload = hasUpload ? new Upload() : undefined;
  }

  /** Sends the request. @throws FetchError */
  async start(request: FetchRequest, around: Surroundings, sender: Omit<Sender, 'signal'>): Promise<FetchAnswer> {
    const body = this.#upload?.stream ?? request.body;
    const answer = await exchange({ ...request, body }, around, { ...sender, signal: this.#abort.signal });
    const { body: received, ...head } = answer;
    this.#body = received ?? undefined;
    this.#canBeRead = received !== null;
    return { ...head, hasBody: received !== null };
  }

  /** Resolves when nothing more arrives. */
  async received(): Promise<void> {
    await this.#body?.ended;
  }

  /** The next bytes of the response's body; undefined at its end. @throws TypeError out of turn */
  read(): Promise<Buffer | undefined> {
    if (this.#body === undefined || !this.#canBeRead) throw new TypeError(VIOLATION);
    this.#canBeRead = false;
    return this.#body.read().then((bytes) => {
      this.#canBeRead = bytes !== undefined;
      return bytes;
    });
  }

  /** Takes bytes of the request's body. Resolves when there is room for more: false if no more are wanted. @throws TypeError out of turn */
  write(bytes: Buffer | null): Promise<boolean> {
    if (this.#upload === undefined) throw new TypeError(VIOLATION);
    return this.#upload.write(bytes);
  }

  abort(): void {
    const error = new FetchError('the request was aborted');
    this.#abort.abort(error);
    this.#body?.destroy(error);
    this.#upload?.close();
  }
}

/** The body of a request on its way from the script to the network. */
class Upload {
  readonly stream: Readable;
  #wantsMore: ((isWanted: boolean) => void) | undefined;
  #isOver = false;

  constructor() {
    this.stream = new Readable({ highWaterMark: UPLOAD_BYTES, read: () => this.#answer(true) });
    this.stream.on('error', () => {});
    this.stream.on('close', () => this.#answer(false));
  }

  write(bytes: Buffer | null): Promise<boolean> {
    if (this.#isOver || this.#wantsMore !== undefined || bytes?.length === 0) throw new TypeError(VIOLATION);
    if (this.stream.destroyed) this.#isOver = true;
    if (bytes === null) this.#isOver = true;
    if (this.stream.destroyed) return Promise.resolve(false);
    if (this.stream.push(bytes) || bytes === null) return Promise.resolve(true);
    return new Promise((resolve) => (this.#wantsMore = resolve));
  }

  close(): void {
    this.stream.destroy();
  }

  #answer(isWanted: boolean): void {
    const answer = this.#wantsMore;
    this.#wantsMore = undefined;
    if (!isWanted && answer !== undefined) this.#isOver = true;
    answer?.(isWanted);
  }
}
