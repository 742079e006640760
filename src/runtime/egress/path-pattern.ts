/** Whether a path is one of the patterns, in which `*` stands for any characters. Pure. */
export function pathMatches(patterns: readonly string[], path: string): boolean {
  if (patterns.length === 0) return true;
  return !mayClimb(path) && patterns.some((pattern) => wildcardMatches(pattern, path));
}

/** Compares part by part, in time that grows with the product of both lengths at worst: no regular expression backtracks. */
export function wildcardMatches(pattern: string, path: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (!path.startsWith(first)) return false;
  const last = rest.pop();
  if (last === undefined) return path === first;
  let from = first.length;
  for (const part of rest) {
    const at = path.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return path.length - last.length >= from && path.endsWith(last);
}

/** Times that a path is decoded: servers behind proxies decode more than once. */
const MAX_DECODINGS = 4;

/**
 * Whether a server could take the path for one elsewhere: a dot segment that the URL parser leaves, as it is behind an encoded
 * slash, a parameter (`..;`) or a second encoding, or a NUL.
 */
function mayClimb(path: string): boolean {
  let text = path;
  for (let i = 0; i < MAX_DECODINGS; i++) {
    if (text.includes('\0') || text.split(/[/\\]/).some((segment) => /^\.\.?(;|$)/.test(segment))) return true;
    const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (decoded === text) return false;
    text = decoded;
  }
  return true;
}
