/**
 * Splits JSON text without parsing it: parsed, a text of `[[],[],…]` takes fifty times its size. One pass, no
 * recursion. Invalid JSON is detected here, or by `JSON.parse` of a part.
 */

const OPENING = new Set(['{', '[']);
const CLOSING = new Set(['}', ']']);

/**
 * The members of an object by name, each value as text; undefined if the text is not an object. The last of duplicate
 * names counts.
 */
export function membersOf(text: string): Map<string, string> | undefined {
  const members = new Map<string, string>();
  for (const part of partsOf(text, '{', '}') ?? [undefined]) {
    if (part === undefined) return undefined;
    const colon = endOfString(part, 0);
    const name = part[0] === '"' && colon !== undefined ? scalarOf(part.slice(0, colon)) : undefined;
    const rest = part.slice(colon).trimStart();
    if (typeof name !== 'string' || rest[0] !== ':') return undefined;
    members.set(name, rest.slice(1).trim());
  }
  return members;
}

/** The items of an array as texts; undefined if the text is not an array, or has more than `maxItems`. */
export function itemsOf(text: string, maxItems: number): string[] | undefined {
  return partsOf(text, '[', ']', maxItems);
}

/** The string, number, boolean or null of a text; undefined for anything else. */
export function scalarOf(text: string | undefined): string | number | boolean | null | undefined {
  if (text === undefined || OPENING.has(text.trimStart().charAt(0))) return undefined;
  try {
    return JSON.parse(text) as string | number | boolean | null;
  } catch {
    return undefined;
  }
}

/** The parts between the commas of an object or array, trimmed. */
function partsOf(
  given: string,
  open: string,
  close: string,
  maxParts = Number.POSITIVE_INFINITY,
): string[] | undefined {
  const text = given.trim();
  if (text[0] !== open || text.at(-1) !== close) return undefined;
  const parts: string[] = [];
  let depth = 0;
  let from = 1;
  for (let at = 1; at < text.length - 1; at += 1) {
    const character = text.charAt(at);
    if (character === '"') {
      const end = endOfString(text, at);
      if (end === undefined) return undefined;
      at = end - 1;
    } else if (OPENING.has(character)) depth += 1;
    else if (CLOSING.has(character)) depth -= 1;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
      if (parts.length > maxParts) return undefined;
    }
    if (depth < 0) return undefined;
  }
  if (depth !== 0) return undefined;
  const last = text.slice(from, -1).trim();
  if (last !== '' || parts.length > 0) parts.push(last);
  return parts.length > maxParts || parts.includes('') ? undefined : parts;
}

/** The offset after the closing quote of the string that starts here. */
function endOfString(text: string, from: number): number | undefined {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charAt(at - 1 - backslashes) === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at + 1;
  }
  return undefined;
}
