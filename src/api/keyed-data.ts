import type { Schema } from './crd.ts';
import { type FieldError, fieldError } from './field-path.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { quote } from './schema.ts';

/** What ConfigMaps and Secrets hold at most, in bytes. */
const MAX_BYTES = 2 ** 20;
/** Schema of `data`, and of the fields beside it: texts by key. */
export const TEXTS: Schema = {
  type: 'object',
  nullable: true,
  additionalProperties: { type: 'string', nullable: true },
};

/** What the data of ConfigMaps and Secrets have in common. */
type Texts = Readonly<Record<string, string>>;

const FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** What Kubernetes asks of its own kinds' metadata alone: finalizers that are its own or have a prefix. */
export function checkCoreMetadata(kind: string, { finalizers, generation }: JsonObject): FieldError[] {
  const path = ['metadata', 'finalizers'];
  const errors = ((finalizers ?? []) as string[]).flatMap((finalizer, index) => {
    if (finalizer.includes('/') || FINALIZERS.includes(finalizer)) return [];
    const message = `${quote(finalizer)} is not a finalizer of a ${kind}`;
    return [fieldError([...path, index], message, 'write one like example.com/cleanup')];
  });
  const isNegative = typeof generation === 'number' && generation < 0;
  return isNegative
    ? [...errors, fieldError(['metadata', 'generation'], 'must be at least 0', 'leave it out')]
    : errors;
}

/** Keys of the data of a ConfigMap or Secret. */
export function checkKeys(kind: string, field: string, texts: Texts): FieldError[] {
  return Object.keys(texts).flatMap((key) => {
    const message = `${quote(key)} is not a key of a ${kind}`;
    if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key)) {
      return [fieldError([field, key], message, "use letters, digits, '-', '_' and '.'")];
    }
    if (key === '.' || key.startsWith('..'))
      return [fieldError([field, key], message, "it cannot be '.' or begin with '..'")];
    return [];
  });
}

/** Base64 as Go's encoding/json reads it: line breaks count for nothing. */
export function checkBase64(field: 'binaryData' | 'data', texts: Texts): FieldError[] {
  return Object.entries(texts).flatMap(([key, text]) => {
    const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(
      text.replace(/[\r\n]/g, ''),
    );
    return isBase64
      ? []
      : [fieldError([field, key], 'is no base64', `write text in ${field === 'data' ? 'stringData' : 'data'} instead`)];
  });
}

/** Base64 without line breaks, as the API server returns it. */
export const canonicalBase64 = (text: string): string => Buffer.from(text, 'base64').toString('base64');

export function mapValues(texts: Texts, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, change(text)]));
}

/** Bytes of all texts together. */
export const sizeOf = (texts: Texts, size: (text: string) => number): number =>
  Object.values(texts).reduce((sum, text) => sum + size(text), 0);

/** A map of strings in which null is the empty string, as Go decodes it. */
export function textsOf(value: JsonValue | undefined): Record<string, string> {
  const entries = Object.entries((value ?? {}) as JsonObject);
  return Object.fromEntries(entries.map(([key, member]) => [key, String(member ?? '')]));
}

/** The error of an object that holds too much. @param bytes of all its values together */
export function checkSize(bytes: number): FieldError[] {
  if (bytes <= MAX_BYTES) return [];
  return [fieldError(['data'], `must have at most ${MAX_BYTES} bytes together, not ${bytes}`, 'split it')];
}
