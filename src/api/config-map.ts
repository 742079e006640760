import type { Schema } from './crd.ts';
import { type FieldError, fieldError } from './field-path.ts';
import type { JsonObject, JsonValue } from './json.ts';
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

const MAX_BYTES = 2 ** 20;
const FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];
const TEXTS: Schema = { type: 'object', nullable: true, additionalProperties: { type: 'string', nullable: true } };
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
    ...checkOwnMetadata(value.metadata as JsonObject),
    ...checkKeys('data', data),
    ...checkKeys('binaryData', binaryData),
    ...checkBase64(binaryData),
  );
  for (const key of Object.keys(data).filter((key) => Object.hasOwn(binaryData, key))) {
    errors.push(fieldError(['data', key], `${quote(key)} is in binaryData too`, 'leave one of them out'));
  }
  const bytes = sizeOf(data, Buffer.byteLength) + sizeOf(binaryData, (text) => Buffer.from(text, 'base64').length);
  if (bytes > MAX_BYTES) {
    errors.push(fieldError(['data'], `must have at most ${MAX_BYTES} bytes together, not ${bytes}`, 'split it'));
  }
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

/** What Kubernetes asks of its own kinds' metadata alone: finalizers that are its own or have a prefix. */
function checkOwnMetadata({ finalizers, generation }: JsonObject): FieldError[] {
  const path = ['metadata', 'finalizers'];
  const errors = ((finalizers ?? []) as string[]).flatMap((finalizer, index) => {
    if (finalizer.includes('/') || FINALIZERS.includes(finalizer)) return [];
    const message = `${quote(finalizer)} is not a finalizer of a ConfigMap`;
    return [fieldError([...path, index], message, 'write one like example.com/cleanup')];
  });
  const isNegative = typeof generation === 'number' && generation < 0;
  return isNegative
    ? [...errors, fieldError(['metadata', 'generation'], 'must be at least 0', 'leave it out')]
    : errors;
}

function checkKeys(field: string, texts: Readonly<Record<string, string>>): FieldError[] {
  return Object.keys(texts).flatMap((key) => {
    const message = `${quote(key)} is not a key of a ConfigMap`;
    if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key)) {
      return [fieldError([field, key], message, "use letters, digits, '-', '_' and '.'")];
    }
    if (key === '.' || key.startsWith('..'))
      return [fieldError([field, key], message, "it cannot be '.' or begin with '..'")];
    return [];
  });
}

/** Base64 as Go's encoding/json reads it: line breaks count for nothing. */
function checkBase64(binaryData: Readonly<Record<string, string>>): FieldError[] {
  return Object.entries(binaryData).flatMap(([key, text]) => {
    const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(
      text.replace(/[\r\n]/g, ''),
    );
    return isBase64 ? [] : [fieldError(['binaryData', key], 'is no base64', 'write text in data instead')];
  });
}

const canonicalBase64 = (text: string): string => Buffer.from(text, 'base64').toString('base64');

function mapValues(texts: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, change(text)]));
}

const sizeOf = (texts: Readonly<Record<string, string>>, size: (text: string) => number): number =>
  Object.values(texts).reduce((sum, text) => sum + size(text), 0);

/** A map of strings in which null is the empty string, as Go decodes it. */
function textsOf(value: JsonValue | undefined): Record<string, string> {
  const entries = Object.entries((value ?? {}) as JsonObject);
  return Object.fromEntries(entries.map(([key, member]) => [key, String(member ?? '')]));
}
