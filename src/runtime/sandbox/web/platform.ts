import { freeBytes } from '../free-bytes.ts';
import { fromBase64, toBase64 } from './base64.ts';
import type { Compressors } from './compression.ts';
import { Decoders, decode, encode, encodeInto, encodingName } from './encoding.ts';
import type { Subtle } from './subtle/subtle.ts';
import { changeUrl, parseUrl, queryPairs, queryText } from './url.ts';
import { UrlPatterns } from './url-pattern.ts';

/** Loaded with its first use, or in a zygote that has nothing else to do: it takes a quarter of a zygote's start. */
const cryptoAndCompression = (): typeof import('./crypto-and-compression.ts') => require('./crypto-and-compression.ts');

/** Longest text and most bytes that one call takes: the limit on memory is measured, but only so often. */
const MAX_LENGTH = 16 << 20;

/** Answers what the web platform inside the isolate asks of Node. What comes is checked: it is as hostile as the script. */
export class Platform {
  /** The bytes of the last answer. The isolate has copied them by the next call. */
  #answered: Uint8Array | undefined;
  #compressors: Compressors | undefined;
  readonly #decoders = new Decoders();
  #patterns: UrlPatterns | undefined;
  #subtle: Subtle | undefined;
  readonly #startedAtMs = performance.now();
  readonly #timeOriginMs = Date.now();

  /** @returns undefined where the answer is no */
  handle(method: unknown, a: unknown, b: unknown): unknown {
    freeBytes(this.#answered);
    const answer = this.#answer(method, a, b);
    this.#answered = bytesIn(answer);
    freeBytes(b);
    return answer;
  }

  /** At the end of the run. */
  end(): void {
    freeBytes(this.#answered);
    this.#compressors?.end();
  }

  #answer(method: unknown, a: unknown, b: unknown): unknown {
    if (isText(a) && (b === undefined || isText(b))) return this.#ofTexts(method, a, b);
    if (isText(a) && isBytes(b)) return this.#ofBytes(method, a, b);
    if (method === 'random' && Number.isSafeInteger(a)) return cryptoAndCompression().randomBytes(a as number);
    if (method === 'encode-into' && typeof b === 'number' && isText(a)) return encodeInto(a, b);
    return undefined;
  }

  #ofTexts(method: unknown, a: string, b: string | undefined): unknown {
    switch (method) {
      case 'url':
        return parseUrl(a, b);
      case 'query-pairs':
        return queryPairs(a);
      case 'query-text':
        return queryText(a);
      case 'url-pattern':
        this.#patterns ??= new UrlPatterns();
        return this.#patterns.answer(a);
      case 'encoding':
        return encodingName(a);
      case 'encode':
        return encode(a);
      case 'atob':
        return fromBase64(a);
      case 'btoa':
        return toBase64(a);
      case 'uuid':
        return cryptoAndCompression().randomUUID();
      case 'now':
        // Whole milliseconds, as those of Date.
        return Math.floor(performance.now() - this.#startedAtMs);
      case 'time-origin':
        return this.#timeOriginMs;
      default:
        return typeof method === 'string' && b !== undefined ? changeUrl(method, a, b) : undefined;
    }
  }

  #ofBytes(method: unknown, settings: string, bytes: Uint8Array): unknown {
    if (method === 'compression') {
      this.#compressors ??= new (cryptoAndCompression().Compressors)();
      return this.#compressors.step(settings, bytes);
    }
    if (method === 'subtle') {
      this.#subtle ??= new (cryptoAndCompression().Subtle)();
      return this.#subtle.handle(settings, bytes);
    }
    if (method === 'decode') return decode(settings, bytes);
    return method === 'decode-part' ? this.#decoders.decode(settings, bytes) : undefined;
  }
}

const bytesIn = (answer: unknown): Uint8Array | undefined =>
  answer instanceof Uint8Array ? answer : (answer as { bytes?: Uint8Array } | null | undefined)?.bytes;

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_LENGTH;

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array && value.length <= MAX_LENGTH;

/** Uses once what Node would load late: a process under the filter can load nothing from files. */
export function preloadPlatform(): void {
  const platform = new Platform();
  platform.handle('url', 'https://ü.example/?a=b', 'https://a.example');
  platform.handle('host=', 'https://a.example', 'b.example');
  platform.handle('query-text', platform.handle('query-pairs', 'a=1', undefined), undefined);
  platform.handle('decode', 'utf-8,0,0', new Uint8Array([0xff]));
  platform.handle('decode', 'shift_jis,1,0', new Uint8Array([0x41]));
  platform.handle('decode-part', 'utf-8,0,0,1,0', new Uint8Array([0x41]));
  platform.handle('encode-into', 'a', 1);
  platform.handle('encode', 'a', undefined);
  platform.handle('atob', platform.handle('btoa', 'a', undefined), undefined);
}

/** The same for what takes node:crypto and node:zlib. */
export function preloadCryptoAndCompression(): void {
  const platform = new Platform();
  platform.handle('uuid', '', undefined);
  platform.handle('random', 1, undefined);
}
