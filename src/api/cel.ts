import type { Environment, ParseResult } from '@marcbachmann/cel-js';
import { celLibrary } from './cel-library.ts';
import type { CelRule, Schema } from './crd.ts';
import { childSchema } from './defaulting.ts';
import { type FieldError, type FieldPath, fieldError } from './field-path.ts';
import { isAddress, isCidr } from './ip-address.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { quantityNanos } from './quantity.ts';

/** A quantity as Kubernetes' CEL library knows it. */
class Quantity {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }

  static parse(text: string): Quantity {
    const nanos = quantityNanos(text);
    if (nanos === undefined) throw new TypeError(`quantity() cannot read ${JSON.stringify(text)}`);
    return new Quantity(nanos);
  }

  compareTo(other: Quantity): bigint {
    if (this.nanos === other.nanos) return 0n;
    return this.nanos < other.nanos ? -1n : 1n;
  }
}

// What is here of Kubernetes' CEL libraries is what the rules in crds/ call: a rule that calls more does not parse, and
// the tests parse them all.
function makeEnvironment(): Environment {
  const { Environment } = celLibrary();
  return new Environment({ enableOptionalTypes: true })
    .registerVariable('self', 'dyn')
    .registerVariable('oldSelf', 'dyn')
    .registerType('Quantity', { ctor: Quantity, fields: {} })
    .registerFunction('isIP(string): bool', isAddress)
    .registerFunction('isCIDR(string): bool', isCidr)
    .registerFunction('isQuantity(string): bool', (text: string) => quantityNanos(text) !== undefined)
    .registerFunction('quantity(string): Quantity', (text: string) => Quantity.parse(text))
    .registerFunction('Quantity.compareTo(Quantity): int', (a: Quantity, b: Quantity) => a.compareTo(b));
}

let environment: Environment | undefined;
const programs = new Map<string, ParseResult>();

/**
 * Evaluates the CEL rules of a schema wherever the object has the field they stand at, with `self` the field's value.
 *
 * @param value an object with its defaults
 * @param broken where the schema alone found errors: a rule that stands there says nothing new, and one that fails to
 *   evaluate above it fails because of them
 * @param old the object before the change, for rules that mention `oldSelf`; left out, they do not apply
 */
export function checkRules(
  schema: Schema,
  value: JsonValue,
  broken: readonly FieldPath[],
  old?: JsonValue,
): FieldError[] {
  const errors: FieldError[] = [];
  visit(schema, value, toCel(schema, value), old, []);
  return errors;

  function visit(at: Schema, node: JsonValue, self: unknown, oldNode: JsonValue | undefined, path: FieldPath): void {
    if (!broken.some((other) => samePath(other, path))) {
      for (const rule of at['x-kubernetes-validations'] ?? []) {
        const error = checkRule(rule, at, self, oldNode, path, broken);
        if (error !== undefined) errors.push(error);
      }
    }
    if (Array.isArray(node)) {
      const { items } = at;
      // Members of an atomic list have no counterpart in the old object.
      if (items !== undefined)
        for (const [i, item] of node.entries()) visit(items, item, (self as unknown[])[i], undefined, [...path, i]);
    } else if (node !== null && typeof node === 'object') {
      for (const [key, member] of Object.entries(node)) {
        const memberSchema = childSchema(at, key);
        if (memberSchema === undefined) continue;
        visit(memberSchema, member, (self as Map<string, unknown>).get(key), memberOf(oldNode, key), [...path, key]);
      }
    }
  }
}

function checkRule(
  rule: CelRule,
  schema: Schema,
  self: unknown,
  old: JsonValue | undefined,
  path: FieldPath,
  broken: readonly FieldPath[],
): FieldError | undefined {
  const transition = isTransition(rule);
  const before = transition && old !== undefined ? toCel(schema, old) : undefined;
  if (transition && before === undefined && !rule.optionalOldSelf) return undefined;
  const where = rule.fieldPath === undefined ? path : [...path, ...rule.fieldPath.split('.').slice(1)];
  try {
    const oldSelf = rule.optionalOldSelf ? celLibrary().Optional.of(before) : before;
    const variables = oldSelf === undefined ? { self } : { self, oldSelf };
    if (program(rule.rule)(variables) === true) return undefined;
  } catch (error) {
    if (broken.some((other) => path.every((part, index) => other[index] === part))) return undefined;
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return fieldError(where, `${reason} evaluating rule: ${rule.message ?? rule.rule}`);
  }
  return fieldError(where, `${rule.message ?? `failed rule: ${rule.rule}`}${given(self)}`);
}

const isTransition = ({ rule }: CelRule): boolean => rule.includes('oldSelf') && /\boldSelf\b/.test(rule);

/** What was given, where it is short enough to show: Kubernetes prints it too. */
function given(self: unknown): string {
  if (typeof self === 'bigint' || typeof self === 'number') return `, not ${self}`;
  return typeof self === 'string' && self.length <= 60 ? `, not ${JSON.stringify(self)}` : '';
}

/** Parses a rule once. Throws where it is not CEL, or calls what this environment does not have. */
function program(rule: string): ParseResult {
  const known = programs.get(rule);
  if (known !== undefined) return known;
  environment ??= makeEnvironment();
  const parsed = environment.parse(rule);
  programs.set(rule, parsed);
  return parsed;
}

/**
 * Values as CEL has them: whole numbers of the schema are 64-bit integers, and an object is a Map, because the library
 * looks at an object's `constructor` for its type, and that is the author's to name. It does not recurse: how deep a field
 * without a schema nests is its author's choice.
 */
function toCel(schema: Schema, value: JsonValue): unknown {
  const pending: { schema: Schema; from: JsonValue[] | JsonObject; to: unknown[] | Map<string, unknown> }[] = [];
  const convert = (schema: Schema, member: JsonValue): unknown => {
    if (typeof member === 'number') return celNumber(schema, member);
    if (member === null || typeof member !== 'object') return member;
    const to = Array.isArray(member) ? [] : new Map<string, unknown>();
    pending.push({ schema, from: member, to });
    return to;
  };
  const converted = convert(schema, value);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { schema, from, to } = next;
    if (Array.isArray(from)) for (const item of from) (to as unknown[]).push(convert(schema.items ?? {}, item));
    else {
      for (const [key, member] of Object.entries(from)) {
        (to as Map<string, unknown>).set(key, convert(childSchema(schema, key) ?? {}, member));
      }
    }
  }
  return converted;
}

function celNumber(schema: Schema, value: number): number | bigint {
  const whole = schema.type === 'integer' || schema['x-kubernetes-int-or-string'] === true;
  return whole && Number.isInteger(value) ? BigInt(value) : value;
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function samePath(a: FieldPath, b: FieldPath): boolean {
  return a.length === b.length && a.every((part, index) => b[index] === part);
}
