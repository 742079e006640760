import { Refusal } from '../refusal.ts';

/** What URL parsers would change, or leave out: backslashes, spaces, controls. */
const UNSAFE = /[\\\s\p{Cc}]/u;
const DOT_SEGMENT = /\/\.{1,2}(?=\/|$)/;
/** RFC 3986, 2.3: encoded or not, these are the same. */
const UNRESERVED = /[-A-Za-z0-9._~]/;
/** What the path of an endpoint may contain, too. */
const OF_PATHS = /[-A-Za-z0-9._~!$&()*+,;=:@]/;

/**
 * Path and query of a request as endpoints are found by them and as scripts see them. Were these two different, a request could
 * go to the endpoint of one path, with its authentication, and be another path for the script. So what a URL parser would take
 * for another path is refused, and of what may be written in two ways there is one. Pure.
 * @param target as it was sent
 * @throws Refusal BadRequest
 */
export function requestTarget(target: string): string {
  if (!target.startsWith('/') || target.includes('#')) {
    throw new Refusal('BadRequest', 'the target of the request must be a path that begins with /, without a fragment');
  }
  const sent = pathOf(target);
  const path = decoded(sent, UNRESERVED);
  if (UNSAFE.test(path) || DOT_SEGMENT.test(path)) {
    throw new Refusal('BadRequest', 'the path must have no segments . and .., no backslashes and no spaces');
  }
  return path + target.slice(sent.length);
}

/** The path of a target by which an endpoint is found: nothing that may stand in the path of one is encoded. Pure. */
export const routingPath = (target: string): string => decoded(pathOf(target), OF_PATHS);

const pathOf = (target: string): string => target.split('?', 1)[0] ?? '';

/** Once: what that makes is not decoded again. */
function decoded(path: string, characters: RegExp): string {
  if (!path.includes('%')) return path;
  return path.replace(/%([0-7][0-9a-f])/gi, (encoded, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return characters.test(character) ? character : encoded;
  });
}
