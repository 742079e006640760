import type { Schema } from './crd.ts';
import { type FieldError, fieldError } from './field-path.ts';
import type { JsonObject } from './json.ts';
import {
  canonicalBase64,
  checkBase64,
  checkCoreMetadata,
  checkKeys,
  checkSize,
  mapValues,
  sizeOf,
  TEXTS,
  textsOf,
} from './keyed-data.ts';
import { checkMetadata } from './metadata.ts';
import type { ObjectMeta } from './object-meta.ts';
import { checkSchema, quote } from './schema.ts';
import { unknownFields } from './unknown-fields.ts';

/** Label required on a ConfigMap that `sourceFrom` reads; its value is `"true"`. */
export const SOURCE_LABEL = 'copepod.dev/source';

/** A v1 ConfigMap. */
export interface ConfigMap {
  apiVersion: 'v1';
  kind: 'ConfigMap';
  metadata: ObjectMeta;
  data: Record<string, string>;
  /** In base64. */
  binaryData?: Record<string, string>;
  immutable?: boolean;
}

const SCHEMA: Schema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object', nullable: true },
    data: TEXTS,
    binaryData: TEXTS,
    immutable: { type: 'boolean', nullable: true },
  },
};

/** Validates a ConfigMap as the API server does (ValidateConfigMap). */
export function checkConfigMap(
  value: JsonObject,
): { ok: true; object: ConfigMap } | { ok: false; errors: FieldError[] } {
  const errors = [
    ...checkMetadata(value),
    ...unknownFields(SCHEMA, value),
    ...checkSchema(SCHEMA, value).filter(({ parts }) => parts[0] !== 'metadata'),
  ];
  if (errors.length > 0) return { ok: false, errors };
  const data = textsOf(value.data);
  const binaryData = textsOf(value.binaryData);
  errors.push(
    ...checkCoreMetadata('ConfigMap', value.metadata as JsonObject),
    ...checkKeys('ConfigMap', 'data', data),
    ...checkKeys('ConfigMap', 'binaryData', binaryData),
    ...checkBase64('binaryData', binaryData),
  );
  for (const key of Object.keys(data).filter((key) => Object.hasOwn(binaryData, key))) {
    errors.push(fieldError(['data', key], `${quote(key)} is in binaryData too`, 'leave one of them out'));
  }
  const bytes = sizeOf(data, Buffer.byteLength) + sizeOf(binaryData, (text) => Buffer.from(text, 'base64').length);
  errors.push(...checkSize(bytes));
  if (errors.length > 0) return { ok: false, errors };
  const object: ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: value.metadata as unknown as ObjectMeta,
    data,
    ...(Object.keys(binaryData).length === 0 ? {} : { binaryData: mapValues(binaryData, canonicalBase64) }),
    ...(typeof value.immutable === 'boolean' ? { immutable: value.immutable } : {}),
  };
  return { ok: true, object };
}
