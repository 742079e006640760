import { createHash } from 'node:crypto';
import type { JsonValue } from './json.ts';

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
 * are as ECMAScript writes them, which is where the RFC took its rules from. Members that are undefined are left out.
 *
 * @throws TypeError for what I-JSON cannot hold: lone surrogates, NaN, infinities
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('a string with a lone surrogate has no canonical JSON');
    return JSON.stringify(value);
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no canonical JSON`);
    return JSON.stringify(value);
  }
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member !== undefined) members.push(`${canonicalJson(name)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
