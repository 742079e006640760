/** Levels that JSON from outside may nest: params, context, results. What recurses through JSON breaks some thousand levels below. */
export const MAX_JSON_DEPTH = 100;

/**
 * Whether a value nests deeper than so many levels: a scalar has none, `[]` has one, `[[]]` two. It does not recurse, and
 * looks at each object once a level at most, however often it is referred to. A value that holds itself nests too deep.
 */
export function nestsTooDeep(value: unknown, maxDepth = MAX_JSON_DEPTH): boolean {
  let level = new Set<object>();
  addNode(level, value);
  for (let depth = 1; level.size > 0; depth++) {
    if (depth > maxDepth) return true;
    const next = new Set<object>();
    for (const node of level) {
      for (const member of Array.isArray(node) ? node : Object.values(node)) addNode(next, member);
    }
    level = next;
  }
  return false;
}

/** The same of JSON text, judged before it is parsed: counts brackets outside strings, in one pass. */
export function textNestsTooDeep(json: string, maxDepth = MAX_JSON_DEPTH): boolean {
  if (json.length <= maxDepth) return false;
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i);
    if (unit === QUOTE) isInString = !isInString;
    else if (isInString) {
      if (unit === BACKSLASH) i++;
    } else if (unit === OPEN_LIST || unit === OPEN_OBJECT) {
      if (++depth > maxDepth) return true;
    } else if (unit === CLOSE_LIST || unit === CLOSE_OBJECT) depth--;
  }
  return false;
}

/** What to say of a value that nests too deep, such as `params nests deeper than 100 levels`. */
export const tooDeepMessage = (what: string): string => `${what} nests deeper than ${MAX_JSON_DEPTH} levels`;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

function addNode(level: Set<object>, value: unknown): void {
  if (typeof value === 'object' && value !== null) level.add(value);
}
