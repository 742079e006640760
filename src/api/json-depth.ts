/** Maximum nesting of JSON from outside: params, context, results. Recursive code fails at some thousand levels. */
export const MAX_JSON_DEPTH = 100;

/**
 * Whether a value nests deeper than `maxDepth` levels: a scalar has depth 0, `[]` 1, `[[]]` 2. Does not recurse, and
 * visits each object at most once per level, however often it is referenced. A cyclic value nests too deep.
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

/** The same for JSON text before parsing: counts brackets outside strings in one pass. */
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

/** Error message for a value that nests too deep: `params nests deeper than 100 levels`. */
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
