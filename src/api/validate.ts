import { checkRules } from './cel.ts';
import { API_VERSION, type Kind, schemaOf } from './crd.ts';
import { withDefaults } from './defaulting.ts';
import { type FieldError, fieldError } from './field-path.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { checkMetadata } from './metadata.ts';
import { checkSchema, describe, typeName } from './schema.ts';
import { setOwn } from './set-own.ts';
import type { ScriptEndpoint, ScriptExecution, ScriptRuntime, ScriptSchedule } from './types.generated.ts';
import { unknownFields } from './unknown-fields.ts';

/** The type of a kind's objects. */
export interface KindTypes {
  ScriptRuntime: ScriptRuntime;
  ScriptExecution: ScriptExecution;
  ScriptSchedule: ScriptSchedule;
  ScriptEndpoint: ScriptEndpoint;
}

/** An object that holds, with its defaults, or everything that is wrong with it. */
export type Validated<T> =
  | { readonly ok: true; readonly object: T }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

export interface ValidateOptions {
  /** Keeps and checks `status`, as a write to the status subresource does. Without it a status that is given is dropped. */
  readonly status?: boolean;
  /** `false`: the CEL rules are left out, where they are known to hold. */
  readonly rules?: boolean;
  /** The object before the change, for rules about changes. */
  readonly old?: JsonValue;
}

/**
 * Checks an object as an API server with strict field validation does, CEL rules included, and fills in defaults.
 *
 * @param value JSON; not changed
 */
export function validateObject<K extends Kind>(
  kind: K,
  value: JsonValue,
  options: ValidateOptions = {},
): Validated<KindTypes[K]> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return { ok: false, errors: [fieldError([], `must be an object, not ${typeName(value)}`)] };
  }
  const schema = schemaOf(kind);
  const errors = [...checkIdentity(kind, value), ...checkMetadata(value)];
  const unknown = unknownFields(schema, value);
  const status = options.status === true;
  const object = asObject(withDefaults(schema, status ? value : without(value, 'status')));
  const invalid = checkSchema(schema, object);
  // A rule that a misspelt field breaks ("exactly one of source and sourceFrom") would only repeat the complaint.
  const misspelt = unknown
    .filter(({ hint }) => hint?.startsWith('did you mean'))
    .map(({ parts }) => parts.slice(0, -1));
  const broken = [...invalid.map(({ parts }) => parts), ...misspelt];
  const failed = options.rules === false ? [] : checkRules(schema, object, broken, options.old);

  const seen = new Set(errors.map(({ path }) => path));
  errors.push(...unknown, ...invalid.filter(({ path }) => !seen.has(path)), ...failed);
  return errors.length > 0 ? { ok: false, errors } : { ok: true, object: object as unknown as KindTypes[K] };
}

/** Checks a value that must be an object of this kind: apiVersion and kind. */
function checkIdentity(kind: Kind, value: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  if (value.apiVersion !== API_VERSION) {
    const given =
      value.apiVersion === undefined ? 'is required' : `must be ${API_VERSION}, not ${describe(value.apiVersion)}`;
    errors.push(fieldError(['apiVersion'], given, `write apiVersion: ${API_VERSION}`));
  }
  if (value.kind !== kind) errors.push(fieldError(['kind'], `must be ${kind}`, `write kind: ${kind}`));
  return errors;
}

function without(object: JsonObject, name: string): JsonObject {
  const out: JsonObject = {};
  for (const [key, value] of Object.entries(object)) if (key !== name) setOwn(out, key, value);
  return out;
}

function asObject(value: JsonValue): JsonObject {
  return value as JsonObject;
}
