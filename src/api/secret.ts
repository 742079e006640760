import type { Schema } from './crd.ts';
import { type FieldError, fieldError } from './field-path.ts';
import type { JsonObject, JsonValue } from './json.ts';
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
import { checkSchema } from './schema.ts';
import { unknownFields } from './unknown-fields.ts';

/** A v1 Secret. */
export interface Secret {
  apiVersion: 'v1';
  kind: 'Secret';
  metadata: ObjectMeta;
  type: string;
  /** In base64; `stringData` is merged into it. */
  data: Record<string, string>;
  immutable?: boolean;
}

const SCHEMA: Schema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object', nullable: true },
    data: TEXTS,
    stringData: TEXTS,
    type: { type: 'string', nullable: true },
    immutable: { type: 'boolean', nullable: true },
  },
};

const SSH_AUTH = 'kubernetes.io/ssh-auth';
const SSH_KEY = 'ssh-privatekey';

/** The keys that a Secret of a type must have. */
const REQUIRED_KEYS = new Map([
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
  [SSH_AUTH, [SSH_KEY]],
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
]);

/** The keys that hold JSON. */
const DOCKER_CONFIGS = new Map([
  ['kubernetes.io/dockercfg', '.dockercfg'],
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
]);
/** Has a username, a password, or both. */
const BASIC_AUTH = 'kubernetes.io/basic-auth';
const ACCOUNT_TOKEN = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';

/** Validates a Secret as the API server does (ValidateSecret). No message contains a value. */
export function checkSecret(value: JsonObject): { ok: true; object: Secret } | { ok: false; errors: FieldError[] } {
  const errors = [
    ...checkMetadata(value),
    ...unknownFields(SCHEMA, value),
    ...checkSchema(SCHEMA, value)
      .filter(({ parts }) => parts[0] !== 'metadata')
      .map(withoutValue),
  ];
  if (errors.length > 0) return { ok: false, errors };
  const given = textsOf(value.data);
  const texts = textsOf(value.stringData);
  const type = typeof value.type === 'string' && value.type !== '' ? value.type : 'Opaque';
  errors.push(
    ...checkCoreMetadata('Secret', value.metadata as JsonObject),
    ...checkKeys('Secret', 'data', given),
    ...checkKeys('Secret', 'stringData', texts),
    ...checkBase64('data', given),
  );
  const data = {
    ...mapValues(given, canonicalBase64),
    ...mapValues(texts, (text) => Buffer.from(text).toString('base64')),
  };
  errors.push(...partsErrors(type, presentOf(value), value.metadata as JsonObject));
  const bytes = sizeOf(data, (text) => Buffer.from(text, 'base64').length);
  errors.push(...checkSize(bytes));
  if (errors.length > 0) return { ok: false, errors };
  const object: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: value.metadata as unknown as ObjectMeta,
    type,
    data,
    ...(typeof value.immutable === 'boolean' ? { immutable: value.immutable } : {}),
  };
  return { ok: true, object };
}

/** The data of a Secret as text, without what is null: kubectl drops it. */
function presentOf({ data, stringData }: JsonObject): ReadonlyMap<string, string> {
  const texts = (value: JsonValue | undefined) =>
    Object.entries((value ?? {}) as JsonObject).filter(([, text]) => text !== null) as [string, string][];
  const decoded = texts(data).map(([key, text]): [string, string] => [key, Buffer.from(text, 'base64').toString()]);
  return new Map([...decoded, ...texts(stringData)]);
}

/** What a Secret of a type lacks. */
function partsErrors(type: string, present: ReadonlyMap<string, string>, metadata: JsonObject): FieldError[] {
  const message = `is required in a Secret of type ${type}`;
  const missing = (REQUIRED_KEYS.get(type) ?? []).filter((key) => !present.has(key));
  const errors = missing.map((key) => fieldError(['data', key], message));
  if (type === BASIC_AUTH && !present.has('username') && !present.has('password')) {
    errors.push(fieldError(['data', 'username'], message, 'write a username, a password, or both'));
  }
  if (present.get(SSH_KEY) === '' && type === SSH_AUTH) errors.push(fieldError(['data', SSH_KEY], message));
  const docker = present.get(DOCKER_CONFIGS.get(type) ?? '');
  if (docker !== undefined && !isJsonObject(docker)) {
    errors.push(fieldError(['data', DOCKER_CONFIGS.get(type) ?? ''], 'must be an object of JSON'));
  }
  const { annotations } = metadata as { annotations?: JsonObject | null };
  if (type === ACCOUNT_TOKEN && !annotations?.[ACCOUNT_NAME]) {
    errors.push(fieldError(['metadata', 'annotations', ACCOUNT_NAME], message));
  }
  return errors;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** An error about a value, which it does not show: it may be a secret. */
function withoutValue(error: FieldError): FieldError {
  const [field] = error.parts;
  if ((field !== 'data' && field !== 'stringData') || error.parts.length < 2) return error;
  return fieldError(error.parts, 'must be a string', 'write it in quotes');
}

/** The values of a Secret as text. */
export const secretTexts = ({ data }: Secret): Record<string, string> =>
  mapValues(data, (text) => Buffer.from(text, 'base64').toString('utf8'));
