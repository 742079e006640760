import { type FieldError, fieldError } from './field-path.ts';
import type { JsonObject } from './json.ts';
import { checkMetadata } from './metadata.ts';
import type { ObjectMeta } from './object-meta.ts';
import { describe, quote } from './schema.ts';

/** Label required on a ConfigMap that `sourceFrom` reads; its value is `"true"`. */
export const SOURCE_LABEL = 'copepod.dev/source';

/** The fields of a v1 ConfigMap that `sourceFrom` reads. */
export interface ConfigMap {
  apiVersion: 'v1';
  kind: 'ConfigMap';
  metadata: ObjectMeta;
  data: Record<string, string>;
}

const FIELDS = ['apiVersion', 'kind', 'metadata', 'data', 'binaryData', 'immutable'];

/** Validates a ConfigMap: its metadata, and that its data are strings. */
export function checkConfigMap(
  value: JsonObject,
): { ok: true; object: ConfigMap } | { ok: false; errors: FieldError[] } {
  const errors = checkMetadata(value);
  for (const key of Object.keys(value)) {
    if (!FIELDS.includes(key))
      errors.push(fieldError([key], 'unknown field', `a ConfigMap can have: ${FIELDS.join(', ')}`));
  }
  const data = value.data ?? {};
  if (typeof data !== 'object' || Array.isArray(data)) {
    errors.push(fieldError(['data'], `must be an object, not ${describe(data)}`));
    return { ok: false, errors };
  }
  for (const [key, member] of Object.entries(data)) {
    if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key)) {
      errors.push(
        fieldError(['data', key], `${quote(key)} is not a key of a ConfigMap`, "use letters, digits, '-', '_' and '.'"),
      );
    }
    if (typeof member !== 'string') {
      const hint = member !== null && typeof member !== 'object' ? `write it in quotes: "${member}"` : undefined;
      errors.push(fieldError(['data', key], `must be a string, not ${describe(member)}`, hint));
    }
  }
  if (errors.length > 0) return { ok: false, errors };
  const metadata = value.metadata as unknown as ObjectMeta;
  return { ok: true, object: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: data as Record<string, string> } };
}
