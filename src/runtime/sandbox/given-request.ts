import type { GivenRequest } from '../guest/given-request.ts';
import type { RunMessage } from '../wire/to-sandbox.ts';

/** A request as the guest is told of it (guest/given-request.ts); empty: there is none. */
export function requestText({ id, request }: RunMessage): string {
  if (request === undefined) return '';
  const { head, bodyBytes, isStreamed, module } = request;
  const body = isStreamed ? 'streamed' : bodyBytes > 0 ? 'whole' : 'none';
  const url = URL.parse(head.url);
  const isParsed = url !== null && url.username === '' && url.password === '';
  return givenText({
    url: isParsed ? url.href : head.url,
    isParsed,
    method: head.method,
    headers: JSON.stringify(head.headers),
    body,
    isKept: module !== undefined,
    run: id,
  });
}

/** In the order in which the guest reads it. */
const givenText = ({ url, isParsed, method, headers, body, isKept, run }: GivenRequest): string =>
  JSON.stringify([url, isParsed, method, headers, body, isKept, run]);

const UTF8 = new TextDecoder();

/** What the body of a request says in UTF-8, without a byte order mark. */
export const bodyText = (body: Buffer): string => UTF8.decode(body);
