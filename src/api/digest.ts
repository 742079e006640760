import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from './json.ts';

/**
 * The fields of `spec` that say what is run, as version 1 lists them. Another list is another version: the digests of
 * objects that exist never change. `env` has its place here before the API has it.
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
 * The name of what an execution runs: the same for two specs exactly where neither calls for a new run of the other.
 *
 * @param spec a ScriptExecution's `spec` with its defaults
 * @returns `v1:` and the SHA-256 of the canonical JSON of the fields that count, those left out left out
 * @throws TypeError where a string has a lone surrogate
 */
export function runDigest(spec: object): string {
  const fields: Record<string, unknown> = {};
  for (const field of FIELDS_V1) {
    const value = (spec as Record<string, unknown>)[field];
    if (value !== undefined) fields[field] = value;
  }
  return `v1:${sha256Hex(canonicalJson(fields as JsonValue))}`;
}

/** The name of a script's text, for `status.sourceDigest`. */
export function sourceDigest(source: string): string {
  return `sha256:${sha256Hex(source)}`;
}

/**
 * JSON as RFC 8785 (JCS) writes it: no spaces, members in the order of their names' UTF-16 units. Numbers and strings
 * are as ECMAScript writes them, which is where the RFC took its rules from. Members that are undefined are left out. It
 * does not recurse: an object that nests a million levels has canonical JSON too.
 *
 * @throws TypeError for what I-JSON cannot hold: lone surrogates, NaN, infinities
 */
export function canonicalJson(value: JsonValue): string {
  let json = '';
  const open: Container[] = [];
  const write = (member: JsonValue): void => {
    if (member === null || typeof member !== 'object') {
      json += canonicalScalar(member);
      return;
    }
    json += Array.isArray(member) ? '[' : '{';
    open.push({ members: membersOf(member), written: 0, close: Array.isArray(member) ? ']' : '}' });
  };
  write(value);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const next = top.members[top.written];
    if (next === undefined) {
      json += top.close;
      open.pop();
      continue;
    }
    json += top.written === 0 ? next.name : `,${next.name}`;
    top.written++;
    write(next.value);
  }
  return json;
}

/** A list or an object that is being written. */
interface Container {
  /** In their order, each with what stands before it: nothing in a list, the name and a colon in an object. */
  readonly members: readonly { readonly name: string; readonly value: JsonValue }[];
  written: number;
  readonly close: ']' | '}';
}

function membersOf(container: JsonValue[] | JsonObject): Container['members'] {
  if (Array.isArray(container)) return container.map((value) => ({ name: '', value }));
  return Object.entries(container)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name: `${canonicalScalar(name)}:`, value }));
}

function canonicalScalar(value: null | boolean | number | string): string {
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new TypeError('a string with a lone surrogate has no canonical JSON');
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} has no canonical JSON`);
  return JSON.stringify(value);
}

function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
