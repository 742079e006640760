import { hash } from 'node:crypto';
import type { JsonObject, JsonValue } from './json.ts';

/**
 * The fields of `spec` in the run digest, version 1. Changing the list needs a new version: digests of existing objects
 * must not change.
 */
const FIELDS_V1 = [
  'runtimeRef',
  'language',
  'source',
  'sourceFrom',
  'params',
  'env',
  'context',
  'limits',
  'rerunToken',
] as const;

/**
 * Digest of what an execution runs: two specs have the same digest if and only if neither requires a new run of the
 * other.
 *
 * @param spec a ScriptExecution's `spec` with its defaults
 * @returns `v1:` and the SHA-256 of the canonical JSON of the listed fields; absent fields are left out
 * @throws TypeError if a string has a lone surrogate
 */
export function runDigest(spec: object): string {
  return digestOfContent(runContent(spec));
}

/**
 * What a digest is made of: the canonical JSON of the fields of `spec` that say what is run.
 *
 * @throws TypeError where a string has a lone surrogate
 */
export function runContent(spec: object): string {
  const fields: Record<string, unknown> = {};
  for (const field of FIELDS_V1) {
    const value = (spec as Record<string, unknown>)[field];
    if (value !== undefined) fields[field] = field === 'env' ? byName(value) : value;
  }
  return canonicalJson(fields as JsonValue);
}

/** A list of variables without its order, which means nothing: an API server may merge it in another. */
const byName = (env: unknown): unknown =>
  Array.isArray(env) ? env.toSorted((a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)) : env;

/** The digest of a `runContent`. */
export function digestOfContent(content: string): string {
  return `v1:${sha256Hex(content)}`;
}

/** Digest of a script's text, for `status.sourceDigest`. */
export function sourceDigest(source: string): string {
  return `sha256:${sha256Hex(source)}`;
}

/** Digest of a script of several files, for `status.sourceDigest`: of their names and texts, whatever their order. */
export function filesDigest(files: Readonly<Record<string, string>>): string {
  return sourceDigest(JSON.stringify(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/**
 * JSON in the form of RFC 8785 (JCS): no whitespace, members sorted by the UTF-16 code units of their names, numbers
 * and strings as in ECMAScript (which the RFC refers to). Undefined members are left out. Does not recurse: an object
 * with a million levels has canonical JSON.
 *
 * @throws TypeError for values outside I-JSON: lone surrogates, NaN, infinities
 */
export function canonicalJson(value: JsonValue): string {
  let json = '';
  const open: Container[] = [];
  const write = (member: JsonValue): void => {
    if (member === null || typeof member !== 'object') {
      json += canonicalScalar(member);
    } else if (Array.isArray(member)) {
      json += '[';
      open.push({ of: member, names: undefined, next: 0, isEmpty: true });
    } else {
      json += '{';
      // Without a comparison function, strings are sorted by their UTF-16 code units.
      open.push({ of: member, names: Object.keys(member).sort(), next: 0, isEmpty: true });
    }
  };
  write(value);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const { of, names } = top;
    if (top.next === (names ?? (of as JsonValue[])).length) {
      json += names === undefined ? ']' : '}';
      open.pop();
      continue;
    }
    const index = top.next++;
    const name = names?.[index];
    const member = name === undefined ? (of as JsonValue[])[index] : (of as JsonObject)[name];
    if (member === undefined) continue;
    if (!top.isEmpty) json += ',';
    top.isEmpty = false;
    if (name !== undefined) json += `${canonicalScalar(name)}:`;
    write(member);
  }
  return json;
}

/** An array or object being written. */
interface Container {
  readonly of: JsonValue[] | JsonObject;
  /** Sorted names of an object's members; undefined for an array. */
  readonly names: readonly string[] | undefined;
  /** Index of the next member. */
  next: number;
  isEmpty: boolean;
}

function canonicalScalar(value: null | boolean | number | string): string {
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new TypeError('a string with a lone surrogate has no canonical JSON');
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} has no canonical JSON`);
  return JSON.stringify(value);
}

function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}
