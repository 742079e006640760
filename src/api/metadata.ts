import { type FieldError, fieldError } from './field-path.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { isDnsLabel, isLabelValue, isQualifiedName, isSubdomain, isTime, MAX_NAME_LENGTH } from './kubernetes-names.ts';
import { OBJECT_META } from './object-meta-schema.ts';
import { checkReferences } from './object-references.ts';
import { checkSchema, quote, typeName } from './schema.ts';
import { unknownFields } from './unknown-fields.ts';

const MAX_ANNOTATIONS_BYTES = 256 * 1024;
const TIMES = ['creationTimestamp', 'deletionTimestamp'];

/**
 * Everything that is wrong with an object's `metadata`, by the rules of every Kubernetes object
 * (apimachinery/pkg/api/validation/objectmeta.go).
 */
export function checkMetadata(object: JsonObject): FieldError[] {
  const { metadata } = object;
  if (metadata === undefined || metadata === null) {
    return [fieldError(['metadata', 'name'], 'is required', 'give the object a name')];
  }
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    return [fieldError(['metadata'], `must be an object, not ${typeName(metadata)}`)];
  }
  const errors = [
    ...unknownFields(OBJECT_META, metadata, ['metadata']),
    ...checkSchema(OBJECT_META, metadata, ['metadata']),
  ];
  if (errors.length > 0) return errors;
  return [
    ...checkLabels(asTexts(metadata.labels)),
    ...checkAnnotations(asTexts(metadata.annotations)),
    ...checkTimes(metadata),
    ...checkNames(metadata),
    ...checkReferences(metadata),
  ];
}

function checkLabels(labels: Readonly<Record<string, string>>): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const path = ['metadata', 'labels', key];
    const errors = checkKey(path, key, key);
    if (!isLabelValue(value)) {
      const hint = "use at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";
      errors.push(fieldError(path, `${quote(value)} is not a label value`, hint));
    }
    return errors;
  });
}

function checkAnnotations(annotations: Readonly<Record<string, string>>): FieldError[] {
  const path = ['metadata', 'annotations'];
  // The case of an annotation's key does not matter.
  const errors = Object.keys(annotations).flatMap((key) => checkKey([...path, key], key, key.toLowerCase()));
  const bytes = Object.entries(annotations)
    .flat()
    .reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > MAX_ANNOTATIONS_BYTES) {
    errors.push(fieldError(path, `must have at most ${MAX_ANNOTATIONS_BYTES} bytes together, not ${bytes}`));
  }
  return errors;
}

function checkKey(path: readonly string[], key: string, name: string): FieldError[] {
  if (isQualifiedName(name)) return [];
  const [prefix = '', rest] = key.split('/');
  const hint =
    rest !== undefined && isQualifiedName(`${prefix.toLowerCase()}/${rest}`)
      ? `write ${prefix.toLowerCase()}/${rest}`
      : 'write one like app or example.com/app';
  return [fieldError(path, `${quote(key)} is not a key`, hint)];
}

/** Times of metadata that are none. */
export function checkTimes(metadata: JsonObject): FieldError[] {
  return TIMES.flatMap((field) => {
    const value = metadata[field];
    if (typeof value !== 'string' || isTime(value)) return [];
    const hint = 'leave it out, or write one like 2026-11-22T10:00:00Z';
    return [fieldError(['metadata', field], `${quote(value)} is not a time`, hint)];
  });
}

function checkNames(metadata: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const { name, generateName, namespace } = metadata;
  const path = ['metadata', 'name'];
  if (typeof name === 'string' && name !== '') {
    if (name.length > MAX_NAME_LENGTH) {
      errors.push(fieldError(path, `must have at most ${MAX_NAME_LENGTH} characters, not ${name.length}`));
    } else if (!isSubdomain(name)) {
      errors.push(fieldError(path, `${quote(name)} is not a name in Kubernetes`, nameHint(name)));
    }
    errors.push(...checkGenerateName(generateName));
  } else if (typeof generateName === 'string' && generateName !== '') {
    const hint = 'write metadata.name: what is applied needs a name that stays';
    errors.push(fieldError(['metadata', 'generateName'], 'does not go with apply', hint));
  } else errors.push(fieldError(path, 'is required', 'give the object a name'));
  if (typeof namespace === 'string' && namespace !== '' && !isDnsLabel(namespace)) {
    const hint = "use at most 63 lower-case letters, digits and '-', with a letter or digit at both ends";
    errors.push(fieldError(['metadata', 'namespace'], `${quote(namespace)} is not the name of a namespace`, hint));
  }
  return errors;
}

/** Beside a name it means nothing, and is checked all the same: as one with a letter for its last dash. */
function checkGenerateName(value: JsonValue | undefined): FieldError[] {
  if (typeof value !== 'string' || value === '') return [];
  const name = value.length > 1 && value.endsWith('-') ? `${value.slice(0, -2)}a` : value;
  if (isSubdomain(name)) return [];
  const message = `${quote(value)} is not the beginning of a name in Kubernetes`;
  return [fieldError(['metadata', 'generateName'], message, 'leave it out: the object has a name')];
}

function nameHint(name: string): string {
  const like = name
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/\.+-*|-+\./g, '.')
    .replace(/^[-.]+|[-.]+$/g, '');
  if (isSubdomain(like)) return `write ${like}`;
  return "use lower-case letters, digits, '-' and '.', with a letter or digit at both ends";
}

/** A map of strings in which null is the empty string, as Go decodes it. */
function asTexts(value: JsonValue | undefined): Record<string, string> {
  const entries = Object.entries((value ?? {}) as JsonObject);
  return Object.fromEntries(entries.map(([key, member]) => [key, String(member ?? '')]));
}
