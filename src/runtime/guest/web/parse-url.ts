import { bare, port, splitAt } from './kit.ts';

// Order of the parts in what the sandbox process answers (sandbox/web/url.ts).
export const HREF = 0;
export const ORIGIN = 1;
export const PROTOCOL = 2;
export const USERNAME = 3;
export const PASSWORD = 4;
export const HOST = 5;
export const HOSTNAME = 6;
export const PORT = 7;
export const PATHNAME = 8;
export const SEARCH = 9;
export const HASH = 10;

/** The address of an absolute URL, and whether it holds a user's name or password; undefined where it is none. */
export function addressOf(url: string): { readonly href: string; readonly hasCredentials: boolean } | undefined {
  const parts = parseUrl(url, undefined);
  if (parts === undefined) return undefined;
  return bare({ href: parts[HREF] as string, hasCredentials: parts[USERNAME] !== '' || parts[PASSWORD] !== '' });
}

/** The parts of a URL; undefined where it is none. */
export function parseUrl(url: string, base: string | undefined): string[] | undefined {
  const answer = port('platform', 'url', url, base) as string | undefined;
  return answer === undefined ? undefined : splitAt(answer, '\n');
}
