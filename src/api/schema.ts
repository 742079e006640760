import type { Schema } from './crd.ts';
import { childSchema } from './defaulting.ts';
import { type FieldError, type FieldPath, fieldError } from './field-path.ts';
import type { JsonValue } from './json.ts';
import { nearest } from './suggest.ts';

// A walker of our own and not a general validator (ajv): what crds/ may use is small, Kubernetes' meaning of it differs
// (int-or-string, nulls, lengths in code points, defaults), and each message here says what to write instead.

const HOST_HINT =
  'write api.example.com, "*.example.com", an address, or a range like 10.0.0.0/8, without a scheme and a port';

/** Patterns that have a name: a regular expression tells few people what to write. */
const PATTERNS: readonly { readonly marks: string; readonly what: string; readonly hint: string }[] = [
  { marks: '(h|m|s|ms)', what: 'is not a duration', hint: 'write one like 250ms, 30s or 1h30m' },
  { marks: '[KMGTPE]i', what: 'is not a quantity', hint: 'write one like 64Mi, 32Ki or 1000000' },
  {
    marks: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.',
    what: 'is not a name in Kubernetes',
    hint: "use lower-case letters, digits, '-' and '.', with a letter or digit at both ends",
  },
  {
    marks: '^(([A-Za-z0-9]',
    what: 'is not a label value',
    hint: "use letters, digits, '-', '_' and '.', with a letter or digit at both ends",
  },
  { marks: '^[!-~]+$', what: 'has spaces or odd characters', hint: 'write an image like ghcr.io/example/copepod:1' },
  {
    marks: '^[-._a-zA-Z][-._a-zA-Z0-9]*$',
    what: 'is not a name of a variable',
    hint: "use letters, digits, '_', '-' and '.', with no digit in front",
  },
  {
    marks: '^[-._a-zA-Z0-9]+$',
    what: 'is not a key of a ConfigMap or Secret',
    hint: "use letters, digits, '-', '_' and '.'",
  },
  { marks: '/)?(([A-Za-z0-9]', what: 'is not a key', hint: 'write one like app or example.com/app' },
  {
    marks: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?\\.)+[a-z]',
    what: 'is not a host name',
    hint: 'write one like shop.example.com',
  },
  { marks: '^(\\*|(\\*\\.)?[a-z0-9_]', what: 'is not a host', hint: HOST_HINT },
  { marks: '^/([-A-Za-z0-9._~', what: 'is not a path', hint: 'write one like /orders, without a slash at its end' },
  { marks: '^/[!', what: 'is not a path', hint: 'write one like /v1/*' },
  { marks: '^[A-Z][A-Z-]*$', what: 'is not a method', hint: 'write one in upper case, like GET' },
  { marks: '^[A-Z]+$', what: 'is not a method', hint: 'write one in upper case, like GET' },
  { marks: '^(\\*|[A-Z]', what: 'is not a method', hint: 'write one in upper case, like GET, or "*"' },
  { marks: '^(\\*|https?://', what: 'is not an origin', hint: 'write one like https://app.example.com, or "*"' },
  { marks: '^https?://', what: 'is not a URL', hint: 'write one like https://example.com/keys' },
  { marks: '^[-A-Za-z0-9!#$%&', what: 'is not the name of a header', hint: 'write one like X-Request-Id' },
  { marks: '^[-!#$%&', what: 'is not the name of a header', hint: 'write one like X-Request-Id' },
];

const INTEGER_FORMATS: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63],
};

const DATE_TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Everything that is wrong with a value by its schema alone; unknown fields and CEL rules are looked at elsewhere. */
export function checkSchema(schema: Schema, value: JsonValue, path: FieldPath = []): FieldError[] {
  const typeError = checkType(schema, value, path);
  if (typeError !== undefined) return [typeError];
  if (typeof value === 'string') return checkString(schema, value, path);
  if (typeof value === 'number') return checkNumber(schema, value, path);
  if (Array.isArray(value)) return checkList(schema, value, path);
  if (value !== null && typeof value === 'object') {
    const errors: FieldError[] = [];
    for (const name of schema.required ?? []) {
      if (!Object.hasOwn(value, name)) errors.push(fieldError([...path, name], 'is required'));
    }
    const count = Object.keys(value).length;
    if (schema.maxProperties !== undefined && count > schema.maxProperties) {
      errors.push(fieldError(path, `must have at most ${schema.maxProperties} entries, not ${count}`));
    }
    for (const [key, member] of Object.entries(value)) {
      const memberSchema = childSchema(schema, key);
      if (memberSchema !== undefined) errors.push(...checkSchema(memberSchema, member, [...path, key]));
    }
    return errors;
  }
  return [];
}

/** Whether a value is a whole number of 64 bits. A larger one is a fraction to the API server. */
function isWhole(value: JsonValue): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
}

function checkType(schema: Schema, value: JsonValue, path: FieldPath): FieldError | undefined {
  if (value === null && schema.nullable === true) return undefined;
  if (schema['x-kubernetes-int-or-string'] === true) {
    if (typeof value === 'string' || isWhole(value)) return undefined;
    const hint = typeof value === 'number' && Number.isInteger(value) ? 'write it in quotes' : undefined;
    return fieldError(path, `must be a string or a whole number of 64 bits, not ${describe(value)}`, hint);
  }
  switch (schema.type) {
    case undefined:
      return undefined;
    case 'string': {
      if (typeof value === 'string') return undefined;
      const scalar = typeof value === 'number' || typeof value === 'boolean';
      // A number where a duration belongs lacks its unit; quotes alone would only change the error.
      const message = `must be a string, not ${describe(value)}`;
      if (!scalar) return fieldError(path, message);
      if (schema.pattern?.includes('(h|m|s|ms)')) return fieldError(path, message, `write it with its unit: ${value}s`);
      return { ...fieldError(path, message, `write it in quotes: "${value}"`), quoteSource: true };
    }
    case 'boolean': {
      if (typeof value === 'boolean') return undefined;
      const hint = value === 'true' || value === 'false' ? `write it without quotes: ${value}` : 'write true or false';
      return fieldError(path, `must be true or false, not ${describe(value)}`, hint);
    }
    case 'integer':
    case 'number': {
      const what = schema.type === 'integer' ? 'a whole number' : 'a number';
      if (typeof value === 'number' && (schema.type === 'number' || isWhole(value))) return undefined;
      const quoted = typeof value === 'string' && /^-?\d+$/.test(value);
      return fieldError(
        path,
        `must be ${what}, not ${describe(value)}`,
        quoted ? `write it without quotes: ${value}` : undefined,
      );
    }
    case 'array':
      if (Array.isArray(value)) return undefined;
      return fieldError(path, `must be a list, not ${typeName(value)}`, "begin each entry with '- '");
    case 'object':
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) return undefined;
      return fieldError(path, `must be an object, not ${typeName(value)}`, fieldsHint(schema));
    default:
      throw new TypeError(`a schema has the type ${String(schema.type)}`);
  }
}

function checkString(schema: Schema, value: string, path: FieldPath): FieldError[] {
  if (schema.enum !== undefined) return checkEnum(schema.enum, value, path);
  // Kubernetes counts code points; a string of few enough UTF-16 units has few enough of them.
  const length = value.length > (schema.maxLength ?? Infinity) ? [...value].length : value.length;
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    return [fieldError(path, `must have at most ${schema.maxLength} characters, not ${length}`)];
  }
  if (schema.minLength !== undefined && length < schema.minLength) return [fieldError(path, 'must not be empty')];
  if (schema.pattern !== undefined && !patternOf(schema.pattern).test(value)) {
    const { pattern } = schema;
    const named = PATTERNS.find(({ marks }) => pattern.includes(marks));
    if (named === undefined) return [fieldError(path, `${quote(value)} does not match ${pattern}`)];
    return [fieldError(path, `${quote(value)} ${named.what}`, named.hint)];
  }
  if (schema.format === 'date-time' && !DATE_TIME.test(value)) {
    return [fieldError(path, `${quote(value)} is not a time`, 'write one like 2026-11-22T10:00:00Z')];
  }
  return [];
}

/** By their texts: to make a regular expression takes longer than to test a name with it. */
const compiled = new Map<string, RegExp>();

function patternOf(pattern: string): RegExp {
  const known = compiled.get(pattern) ?? new RegExp(pattern, 'u');
  compiled.set(pattern, known);
  return known;
}

function checkEnum(allowed: readonly JsonValue[], value: string, path: FieldPath): FieldError[] {
  if (allowed.includes(value)) return [];
  const names = allowed.map(String);
  const near = nearest(value, names);
  const hint = near === undefined ? undefined : `did you mean ${near}?`;
  return [fieldError(path, `must be one of ${names.join(', ')}, not ${quote(value)}`, hint)];
}

function checkNumber(schema: Schema, value: number, path: FieldPath): FieldError[] {
  const [low, high] = INTEGER_FORMATS[schema.format ?? ''] ?? [-Infinity, Infinity];
  const minimum = Math.max(schema.minimum ?? -Infinity, low);
  const maximum = Math.min(schema.maximum ?? Infinity, high);
  if (value < minimum) return [fieldError(path, `must be at least ${minimum}, not ${value}`)];
  if (value > maximum) return [fieldError(path, `must be at most ${maximum}, not ${value}`)];
  return [];
}

function checkList(schema: Schema, value: JsonValue[], path: FieldPath): FieldError[] {
  const { items, maxItems = Number.POSITIVE_INFINITY, minItems = 0 } = schema;
  if (value.length > maxItems) {
    return [fieldError(path, `must have at most ${maxItems} entries, not ${value.length}`)];
  }
  if (value.length < minItems) {
    const message =
      minItems === 1 ? 'must not be empty' : `must have at least ${minItems} entries, not ${value.length}`;
    return [fieldError(path, message)];
  }
  const errors = items === undefined ? [] : value.flatMap((item, index) => checkSchema(items, item, [...path, index]));
  return [...errors, ...repeated(schema, value, path)];
}

/** Entries of a set that are equal, and those of a map whose keys are. */
function repeated(schema: Schema, value: readonly JsonValue[], path: FieldPath): FieldError[] {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (keys === undefined && schema['x-kubernetes-list-type'] !== 'set') return [];
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    const parts = keys?.map((key) => (item as Record<string, JsonValue> | null)?.[key] ?? null) ?? item;
    const identity = JSON.stringify(parts);
    const isRepeated = seen.has(identity);
    seen.add(identity);
    if (!isRepeated) return [];
    const message = keys === undefined ? 'is there twice' : `has the same ${keys.join(', ')} as an entry before`;
    return [fieldError([...path, index], message)];
  });
}

function fieldsHint(schema: Schema): string | undefined {
  const names = Object.keys(schema.properties ?? {});
  return names.length === 0 ? undefined : `it can have: ${names.join(', ')}`;
}

/** A value's type: all that an error message says of a file that may be anything, behind a symbolic link say. */
export function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A value as an error message shows it. */
export function describe(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return `the string ${quote(value)}`;
  return typeof value === 'number' ? `the number ${value}` : String(value);
}

/** A string as an error message shows it: in quotes, and not all of a long one. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
