import { CORE_KINDS } from './core-kinds.ts';
import { API_VERSION, KINDS, type Kind } from './crd.ts';
import { type FieldError, fieldError } from './field-path.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { typeName } from './schema.ts';

const SUFFIX = 'List';

/** Whether kubectl takes an object for a list: by its `items`, or by its kind. */
export function isList({ kind, items }: JsonObject): boolean {
  if (KINDS.includes(kind as Kind)) return false;
  return items !== undefined || (typeof kind === 'string' && kind.endsWith(SUFFIX));
}

/**
 * The objects of a list. In a list of one kind, those that have neither apiVersion nor kind have the list's: the API server
 * gives lists like that.
 *
 * @param list with an apiVersion and a kind
 */
export function listItems(list: JsonObject): {
  readonly items: readonly JsonValue[];
  readonly errors: readonly FieldError[];
} {
  const apiVersion = String(list.apiVersion);
  const kind = String(list.kind);
  const { items } = list;
  const itemKind = kind.slice(0, -SUFFIX.length);
  if (!kind.endsWith(SUFFIX) || isUnknown(apiVersion, itemKind)) {
    const hint = `write kind: ${SUFFIX} and apiVersion: v1`;
    return { items: [], errors: [fieldError(['kind'], `${apiVersion} has no list of the kind ${kind}`, hint)] };
  }
  if (!Array.isArray(items)) {
    const message = items === undefined ? 'is required' : `must be a list, not ${typeName(items)}`;
    return { items: [], errors: [fieldError(['items'], message)] };
  }
  const errors: FieldError[] = [];
  const filled = items.map((item, index) => {
    const object = asObject(item);
    if (object === undefined) return item;
    if (isList(object)) {
      errors.push(fieldError(['items', index, 'kind'], 'a list cannot be in a list', 'put its items here'));
      return undefined;
    }
    if (itemKind === '') return item;
    if (object.apiVersion === undefined && object.kind === undefined) return { apiVersion, kind: itemKind, ...object };
    if (object.kind === itemKind && object.apiVersion === apiVersion) return item;
    errors.push(fieldError(['items', index, 'kind'], `must be ${itemKind} in a ${kind}`, 'write kind: List around it'));
    return undefined;
  });
  return { items: filled.filter((item) => item !== undefined), errors };
}

/** Whether a kind is none where all kinds are known: in `v1`, and in Copepod's own group. The kind of `List` is empty. */
function isUnknown(apiVersion: string, kind: string): boolean {
  if (apiVersion === 'v1') return kind !== '' && !CORE_KINDS.includes(kind);
  if (apiVersion === API_VERSION) return kind !== '' && !KINDS.includes(kind as Kind);
  return kind === '' && !apiVersion.includes('/');
}

function asObject(value: JsonValue): JsonObject | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
}
