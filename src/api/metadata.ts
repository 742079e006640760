import { type FieldError, fieldError } from './field-path.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { describe, quote } from './schema.ts';
import { nearest } from './suggest.ts';

/** The fields of metav1.ObjectMeta, and what they hold. */
const FIELDS: Readonly<Record<string, 'string' | 'number' | 'map' | 'list'>> = {
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  labels: 'map',
  annotations: 'map',
  uid: 'string',
  resourceVersion: 'string',
  generation: 'number',
  creationTimestamp: 'string',
  deletionTimestamp: 'string',
  deletionGracePeriodSeconds: 'number',
  selfLink: 'string',
  ownerReferences: 'list',
  finalizers: 'list',
  managedFields: 'list',
};

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const MAX_ANNOTATIONS_BYTES = 256 * 1024;

/** Everything that is wrong with an object's `metadata`, by the rules of every Kubernetes object. */
export function checkMetadata(object: JsonObject): FieldError[] {
  const { metadata } = object;
  if (metadata === undefined || metadata === null) {
    return [fieldError(['metadata', 'name'], 'is required', 'give the object a name')];
  }
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    return [fieldError(['metadata'], `must be an object, not ${describe(metadata)}`)];
  }
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(metadata)) errors.push(...checkField(key, value));
  if (errors.length === 0) errors.push(...checkNames(metadata));
  return errors;
}

function checkField(key: string, value: JsonValue): FieldError[] {
  const path = ['metadata', key];
  const kind = Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
  if (kind === undefined) {
    const near = nearest(key, Object.keys(FIELDS));
    return [fieldError(path, 'unknown field', near === undefined ? undefined : `did you mean metadata.${near}?`)];
  }
  if (value === null) return [];
  if (kind === 'map') return checkMap(key, value);
  if (kind === 'list') return Array.isArray(value) ? [] : [fieldError(path, `must be a list, not ${describe(value)}`)];
  if (typeof value === kind) return [];
  const what = kind === 'string' ? 'a string' : 'a number';
  const hint = kind === 'string' && typeof value !== 'object' ? `write it in quotes: "${value}"` : undefined;
  return [fieldError(path, `must be ${what}, not ${describe(value)}`, hint)];
}

function checkMap(field: string, value: JsonValue): FieldError[] {
  const path = ['metadata', field];
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return [fieldError(path, `must be an object, not ${describe(value)}`)];
  }
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, member] of Object.entries(value)) {
    const memberPath = [...path, key];
    if (!isQualifiedName(key)) {
      errors.push(fieldError(memberPath, `${quote(key)} is not a key`, 'write one like app or example.com/app'));
    }
    if (typeof member !== 'string') {
      const hint = member !== null && typeof member !== 'object' ? `write it in quotes: "${member}"` : undefined;
      errors.push(fieldError(memberPath, `must be a string, not ${describe(member)}`, hint));
    } else if (field === 'labels' && (member.length > 63 || !LABEL_VALUE.test(member))) {
      const hint = "use at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";
      errors.push(fieldError(memberPath, `${quote(member)} is not a label value`, hint));
    } else {
      bytes += Buffer.byteLength(key) + Buffer.byteLength(member);
    }
  }
  if (field === 'annotations' && bytes > MAX_ANNOTATIONS_BYTES) {
    errors.push(fieldError(path, `must have at most ${MAX_ANNOTATIONS_BYTES} bytes together, not ${bytes}`));
  }
  return errors;
}

function isQualifiedName(key: string): boolean {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  const prefix = slash === -1 ? undefined : key.slice(0, slash);
  if (prefix !== undefined && (prefix.length > 253 || !SUBDOMAIN.test(prefix.toLowerCase()))) return false;
  return name.length <= 63 && QUALIFIED.test(name);
}

function checkNames(metadata: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const { name, generateName, namespace } = metadata;
  const path = ['metadata', 'name'];
  if (typeof name === 'string' && name !== '') {
    if (name.length > 253) errors.push(fieldError(path, `must have at most 253 characters, not ${name.length}`));
    else if (!SUBDOMAIN.test(name))
      errors.push(fieldError(path, `${quote(name)} is not a name in Kubernetes`, nameHint(name)));
  } else if (typeof generateName === 'string') {
    const hint = 'write metadata.name: what is applied needs a name that stays';
    errors.push(fieldError(['metadata', 'generateName'], 'does not go with apply', hint));
  } else errors.push(fieldError(path, 'is required', 'give the object a name'));
  if (typeof namespace === 'string' && namespace !== '' && (namespace.length > 63 || !LABEL.test(namespace))) {
    const hint = "use at most 63 lower-case letters, digits and '-', with a letter or digit at both ends";
    errors.push(fieldError(['metadata', 'namespace'], `${quote(namespace)} is not the name of a namespace`, hint));
  }
  return errors;
}

function nameHint(name: string): string {
  const like = name
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/\.+-*|-+\./g, '.')
    .replace(/^[-.]+|[-.]+$/g, '');
  if (SUBDOMAIN.test(like)) return `write ${like}`;
  return "use lower-case letters, digits, '-' and '.', with a letter or digit at both ends";
}
