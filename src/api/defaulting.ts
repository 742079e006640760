import { copyJson } from './copy-json.ts';
import type { Schema } from './crd.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { setOwn } from './set-own.ts';

/**
 * Defaults an object as an API server does before validation: removes nulls where the schema is not nullable (a YAML
 * key without a value) and sets defaults. Keeps unknown fields. Recurses only as deep as the schema; values below
 * fields without a schema are copied without recursion.
 *
 * @returns a new value; the argument is not modified
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

/** The schema of an object's member, if any. */
export function childSchema(schema: Schema, key: string): Schema | undefined {
  const { properties, additionalProperties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return additionalProperties;
}
