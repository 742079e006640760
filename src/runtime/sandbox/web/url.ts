const PARTS = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const;
const CHANGEABLE: ReadonlySet<unknown> = new Set(PARTS.filter((part) => part !== 'origin'));

/** A URL's parts in the order of PARTS, one a line: no part holds a line's end. */
const partsOf = (url: URL): string => PARTS.map((part) => url[part]).join('\n');

/** @returns the parts, or undefined where it is no URL */
export function parseUrl(text: string, base: string | undefined): string | undefined {
  const url = URL.parse(text, base);
  return url === null ? undefined : partsOf(url);
}

/** Sets a part of a URL, by the standard's setter. @param method name of the part, and `=` */
export function changeUrl(method: string, href: string, value: string): string | undefined {
  const part = method.slice(0, -1);
  const url = URL.parse(href);
  if (url === null || !method.endsWith('=') || !CHANGEABLE.has(part)) return undefined;
  try {
    url[part as Exclude<(typeof PARTS)[number], 'origin'>] = value;
  } catch {
    return undefined; // a new href that is no URL
  }
  return partsOf(url);
}

/** @returns names and values by turns, as JSON text */
export function queryPairs(text: string): string {
  return JSON.stringify([...new URLSearchParams(text)].flat());
}

/** @param json names and values by turns */
export function queryText(json: string): string | undefined {
  const list: unknown = JSON.parse(json);
  if (!Array.isArray(list) || list.length % 2 !== 0 || !list.every((each) => typeof each === 'string'))
    return undefined;
  const query = new URLSearchParams();
  for (let i = 0; i < list.length; i += 2) query.append(list[i] as string, list[i + 1] as string);
  return query.toString();
}
