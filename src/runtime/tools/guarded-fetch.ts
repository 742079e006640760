import { FetchError, RefusedError } from '../egress/fetch-error.ts';
import type { FetchSession } from '../egress/fetch-session.ts';
import { HostError } from '../host-bridge.ts';
import { ToolError } from './tool-error.ts';

/** `fetch` with bodies of text, as clients of protocols take it: every request is judged by the egress rules. */
export type GuardedFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Statuses whose responses have no body: the Fetch standard's. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Sends requests for a tool.
 * @param session opened with the first request
 * @param tool its name: some rules are for it alone
 * @param maxBytes of a response's body, decompressed
 */
export function guardedFetch(session: () => FetchSession, tool: string, maxBytes: number): GuardedFetch {
  return async (url, init = {}) => {
    const { method = 'GET', headers, redirect = 'follow', body, signal } = init;
    if (body !== undefined && body !== null && typeof body !== 'string') {
      throw new FetchError('the body of a request of a tool must be text');
    }
    const head = { url: String(url), method, headers: [...new Headers(headers)], redirect };
    const answer = await session().request(head, body ?? undefined, tool, signal ?? undefined);
    const { status, statusText } = answer;
    // `Response` has no others.
    if (status < 200 || status > 599) {
      answer.abort();
      throw new FetchError(`the server answered with status ${status}`);
    }
    const responseInit = {
      status,
      statusText: latin1(statusText),
      headers: answer.headers.map(([name, value]): [string, string] => [name, value]),
    };
    return new Response(answer.hasBody && !WITHOUT_BODY.has(status) ? streamOf(answer, maxBytes) : null, responseInit);
  };
}

/**
 * The bytes of an answer as they come; of events, whole lines: a reader that looks through the beginning of a line at each byte that is
 * added to it would be kept busy by a server that sends these one by one.
 */
function streamOf(answer: Awaited<ReturnType<FetchSession['request']>>, maxBytes: number): ReadableStream<Uint8Array> {
  let received = 0;
  const isOfLines = answer.headers.some(([name, value]) => name === 'content-type' && /event-stream/i.test(value));
  let line: Uint8Array[] = [];
  const next = async (): Promise<Uint8Array | undefined> => {
    const bytes = await answer.read();
    if (bytes === undefined) return undefined;
    received += bytes.length;
    if (received <= maxBytes) return new Uint8Array(bytes);
    answer.abort();
    throw new ToolError('TooLarge', `the answer has more than ${maxBytes >> 20} MiB`);
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let bytes = await next();
        while (isOfLines && bytes !== undefined) {
          line.push(bytes);
          if (bytes.includes(LINE_FEED) || bytes.includes(CARRIAGE_RETURN)) break;
          bytes = await next();
        }
        const whole = isOfLines ? Buffer.concat(line) : bytes;
        line = [];
        if (whole !== undefined && whole.length > 0) controller.enqueue(new Uint8Array(whole));
        if (bytes === undefined) controller.close();
      },
      cancel: () => answer.abort(),
    },
    { highWaterMark: 0 },
  );
}

/** A reason phrase that `Response` refuses is dropped: it must not fail the call. */
const latin1 = (text: string): string => (/^[\t\x20-\x7e\x80-\xff]*$/.test(text) ? text : '');

/** The error as a script sees it; undefined for an unforeseen one, whose message stays inside. */
export function toolError(error: unknown): HostError | undefined {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (cause instanceof HostError) return cause;
    if (cause instanceof RefusedError) return new ToolError('Refused', cause.message);
    if (cause instanceof FetchError) return new ToolError('Unavailable', cause.message);
  }
  return undefined;
}
