import { CORE_KINDS } from './core-kinds.ts';
import { API_VERSION, KINDS, type Kind, type Schema } from './crd.ts';
import { type FieldError, fieldError } from './field-path.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { checkTimes } from './metadata.ts';
import { OBJECT_META } from './object-meta-schema.ts';
import { checkSchema, typeName } from './schema.ts';
import { unknownFields } from './unknown-fields.ts';

const SUFFIX = 'List';

/** A list of one kind, as its API has it. */
const TYPED_LIST: Schema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: {
      type: 'object',
      nullable: true,
      properties: {
        selfLink: { type: 'string', nullable: true },
        resourceVersion: { type: 'string', nullable: true },
        continue: { type: 'string', nullable: true },
        remainingItemCount: { type: 'integer', format: 'int64', nullable: true },
      },
    },
    items: { type: 'array' },
  },
};

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
  const errors: FieldError[] = itemKind === '' ? checkOwnMetadata(list) : checkTypedList(list);
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

/** A `List` is no kind of an API: kubectl reads its metadata as that of an object. */
function checkOwnMetadata({ metadata = null }: JsonObject): FieldError[] {
  if (metadata === null) return [];
  const object = asObject(metadata);
  if (object === undefined) return [fieldError(['metadata'], `must be an object, not ${typeName(metadata)}`)];
  const errors = checkSchema(OBJECT_META, object, ['metadata']);
  return errors.length > 0 ? errors : checkTimes(object);
}

function checkTypedList(list: JsonObject): FieldError[] {
  const { metadata = null } = list;
  const { metadata: schema = {} } = TYPED_LIST.properties ?? {};
  const unknown = metadata === null ? [] : unknownFields(schema, metadata, ['metadata']);
  return [...unknownFields(TYPED_LIST, list), ...unknown, ...checkSchema(TYPED_LIST, list)];
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
