import { isSpanNumber } from './span-step.ts';

/** What a script asks `fetch` for. */
export interface FetchHead {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly redirect: 'follow' | 'manual' | 'error';
  /** Whether the blob of the frame is the body, or steps of their own bring it. */
  readonly body: 'none' | 'whole' | 'stream';
}

/** The head of a response, as JSON in the answer to `start`. */
export interface FetchAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly url: string;
  readonly redirected: boolean;
  readonly hasBody: boolean;
}

/** Why a fetch failed, as JSON in an answer that is not `ok`. */
export interface FetchFailure {
  readonly message: string;
  readonly code?: string;
}

/**
 * A step of a fetch, from the sandbox. The supervisor answers each but `abort` with a `reply`, once it has been taken: so a
 * fetch has one `read` and one `write` under way at most.
 *
 * | step | blob | answer |
 * |---|---|---|
 * | `start` | the body, if it is whole | FetchAnswer |
 * | `write` | the next bytes of the body | when there is room for more |
 * | `end` | | the body is complete |
 * | `read` | | blob: the next bytes of the response's body; none at its end |
 * | `abort` | | |
 */
export type FetchStep = {
  readonly op: 'fetch';
  readonly id: number;
  /** Number of the answer. */
  readonly call: number;
  /** Number of the fetch in this run. */
  readonly fetch: number;
} & (
  | {
      readonly step: 'start';
      readonly head: FetchHead;
      /** Number of the script's own span that it is made in. */
      readonly span?: number;
    }
  | { readonly step: 'write' | 'end' | 'read' | 'abort' }
);

/** UTF-16 units of a URL. */
export const MAX_URL_LENGTH = 16 << 10;
/** The most bytes of a body that go with its head; a longer one is sent in steps. */
export const MAX_WHOLE_BYTES = 1 << 20;
/** The most bytes of one `write`. */
export const MAX_WRITE_BYTES = 256 << 10;
const MAX_METHOD_LENGTH = 64;
/** More than a request may have: those that have too many are refused with words. */
const MAX_HEADER_LIST = 1024;
const MAX_HEADER_LENGTH = 64 << 10;

type Fields = Readonly<Record<string, unknown>>;

const isText = (value: unknown, maxLength: number): value is string =>
  typeof value === 'string' && value.length <= maxLength;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isHeader = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length === 2 &&
  isText(value[0], MAX_HEADER_LENGTH) &&
  isText(value[1], MAX_HEADER_LENGTH);

function isHead(value: unknown): value is FetchHead {
  if (typeof value !== 'object' || value === null) return false;
  const { url, method, headers, redirect, body } = value as Fields;
  return (
    isText(url, MAX_URL_LENGTH) &&
    isText(method, MAX_METHOD_LENGTH) &&
    Array.isArray(headers) &&
    headers.length <= MAX_HEADER_LIST &&
    headers.every(isHeader) &&
    (redirect === 'follow' || redirect === 'manual' || redirect === 'error') &&
    (body === 'none' || body === 'whole' || body === 'stream')
  );
}

/** Checks a step of a fetch, which is as hostile as the sandbox, field by field. */
export function isFetchStep({ call, fetch, step, head, span }: Fields): boolean {
  if (!isCount(call) || !isCount(fetch) || (span !== undefined && !isSpanNumber(span))) return false;
  if (step === 'start') return isHead(head);
  return step === 'write' || step === 'end' || step === 'read' || step === 'abort';
}
