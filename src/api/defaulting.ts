import { copyJson } from './copy-json.ts';
import type { Schema } from './crd.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { setOwn } from './set-own.ts';

/**
 * Does to an object what an API server does before it validates: drops nulls where the schema has no use for them
 * (a YAML key with nothing behind it) and fills in defaults. Fields that the schema does not know stay. It recurses as deep
 * as the schema does; what is below a field without one is copied without recursion.
 *
 * @returns a new value; nothing of the given one is changed
 */
export function withDefaults(schema: Schema, value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    const { items } = schema;
    return value.map((item) => (items === undefined ? copyJson(item) : withDefaults(items, item)));
  }
  if (value === null || typeof value !== 'object') return value;

  const out: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    const memberSchema = childSchema(schema, key);
    if (memberSchema === undefined) setOwn(out, key, copyJson(member));
    else if (member !== null || memberSchema.nullable === true) setOwn(out, key, withDefaults(memberSchema, member));
  }
  for (const [key, memberSchema] of Object.entries(schema.properties ?? {})) {
    if (memberSchema.default !== undefined && !Object.hasOwn(out, key)) {
      out[key] = withDefaults(memberSchema, memberSchema.default);
    }
  }
  return out;
}

/** The schema of an object's member, where it has one. */
export function childSchema(schema: Schema, key: string): Schema | undefined {
  const { properties, additionalProperties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return additionalProperties;
}
