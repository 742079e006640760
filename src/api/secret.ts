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

/** The keys that a Secret of a type must have. */
const REQUIRED_KEYS = new Map([
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
]);

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
  for (const key of REQUIRED_KEYS.get(type) ?? []) {
    if (!Object.hasOwn(data, key)) errors.push(fieldError(['data', key], `is required in a Secret of type ${type}`));
  }
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

/** An error about a value, which it does not show: it may be a secret. */
function withoutValue(error: FieldError): FieldError {
  const [field] = error.parts;
  if ((field !== 'data' && field !== 'stringData') || error.parts.length < 2) return error;
  return fieldError(error.parts, 'must be a string', 'write it in quotes');
}

/** The values of a Secret as text. */
export const secretTexts = ({ data }: Secret): Record<string, string> =>
  mapValues(data, (text) => Buffer.from(text, 'base64').toString('utf8'));
