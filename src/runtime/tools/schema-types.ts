import type { JsonObject, JsonValue } from '../../api/json.ts';
import { commentText } from './comment-text.ts';
import { isObject, listOf, memberOf, objectOf, textOf } from './json-members.ts';
import { literalText } from './literal-text.ts';
import { References } from './references.ts';

/** Levels of a type; what is below is `any`. */
const MAX_DEPTH = 8;
/** Schemas of one type; what is beyond is `any`. */
const MAX_SCHEMAS = 400;
/** Schemas and members that are looked at for all types of a document; what is beyond is `any`. */
const MAX_WORK = 300_000;
/** UTF-16 units of a type; a longer one is `any`. */
const MAX_TYPE_LENGTH = 16 << 10;
/** Alternatives of a union and members of an enumeration. */
const MAX_ALTERNATIVES = 60;
const MAX_COMMENT = 160;
const MAX_LITERAL = 200;
/** UTF-16 units of a member's name; longer ones are left out. */
const MAX_NAME = 128;

/** A member of an object type. */
export interface Member {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly comment: string;
}

/** An object type. Pure. */
export function objectType(members: readonly Member[], indent = ''): string {
  const inner = `${indent}  `;
  const lines = members.flatMap(({ name, type, isOptional, comment }) => {
    const text = commentText(comment, MAX_COMMENT);
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : literalText(name);
    return [...(text === '' ? [] : [`${inner}/** ${text} */`]), `${inner}${key}${isOptional ? '?' : ''}: ${type};`];
  });
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`;
}

/**
 * TypeScript types of JSON Schemas, as a reader needs them: what TypeScript cannot say, such as patterns and ranges, is left out. Of
 * any schemas it makes types of bounded length in bounded time.
 */
export class SchemaTypes {
  #references = new References(null);
  readonly #path = new Set<JsonValue>();
  #left = 0;
  #work = MAX_WORK;

  /** The type of a schema. @param references of its document */
  of(schema: JsonValue | undefined, references: References): string {
    this.#references = references;
    this.#left = MAX_SCHEMAS;
    const text = this.#type(schema, '', 0);
    return text.length > MAX_TYPE_LENGTH ? 'any' : text;
  }

  #type(schema: JsonValue | undefined, indent: string, depth: number): string {
    if (schema === false) return 'never';
    // A schema that contains itself is `any` where it comes again.
    if (!isObject(schema) || this.#path.has(schema) || depth > MAX_DEPTH) return 'any';
    if (this.#left-- <= 0 || this.#work-- <= 0) return 'any';
    this.#path.add(schema);
    try {
      const type = this.#typeOf(schema, indent, depth);
      return memberOf(schema, 'nullable') === true && type !== 'any' ? `${inUnion(type)} | null` : type;
    } finally {
      this.#path.delete(schema);
    }
  }

  #typeOf(schema: JsonObject, indent: string, depth: number): string {
    const reference = memberOf(schema, '$ref');
    if (typeof reference === 'string') {
      return this.#type(this.#references.target(reference), indent, depth);
    }
    const constant = memberOf(schema, 'const');
    if (constant !== undefined) return literal(constant);
    const values = listOf(memberOf(schema, 'enum'));
    if (values.length > 0 && values.length <= MAX_ALTERNATIVES) return union(values.map(literal));
    const alternatives = ['oneOf', 'anyOf'].flatMap((key) => listOf(memberOf(schema, key)).slice(0, MAX_ALTERNATIVES));
    const parts = listOf(memberOf(schema, 'allOf')).slice(0, MAX_ALTERNATIVES);
    const all = [
      ...parts.map((part) => this.#type(part, indent, depth + 1)),
      ...(alternatives.length === 0 ? [] : [union(alternatives.map((each) => this.#type(each, indent, depth + 1)))]),
    ];
    const own = this.#ownType(schema, indent, depth);
    const intersected = [...new Set([...all, own])].filter((type) => type !== 'any');
    return intersected.length === 0
      ? 'any'
      : intersected.length === 1
        ? (intersected[0] as string)
        : intersected.map((type) => (type.includes(' | ') ? `(${type})` : type)).join(' & ');
  }

  /** What `type` and the keywords of objects and lists say. */
  #ownType(schema: JsonObject, indent: string, depth: number): string {
    const type = memberOf(schema, 'type');
    const types = Array.isArray(type) ? type.slice(0, 10) : [type];
    return union(types.map((each) => this.#ofKind(textOf(each ?? undefined), schema, indent, depth)));
  }

  #ofKind(kind: string, schema: JsonObject, indent: string, depth: number): string {
    switch (kind) {
      case 'string':
      case 'boolean':
      case 'null':
      case 'number':
        return kind;
      case 'integer':
        return 'number';
      case 'array':
        return this.#list(schema, indent, depth);
      case 'object':
        return this.#object(schema, indent, depth);
      default:
        if (memberOf(schema, 'properties') !== undefined) return this.#object(schema, indent, depth);
        return memberOf(schema, 'items') === undefined ? 'any' : this.#list(schema, indent, depth);
    }
  }

  #list(schema: JsonObject, indent: string, depth: number): string {
    const first = listOf(memberOf(schema, 'prefixItems')).slice(0, MAX_ALTERNATIVES);
    if (first.length > 0) return `[${first.map((each) => this.#type(each, indent, depth + 1)).join(', ')}, ...any[]]`;
    const type = this.#type(memberOf(schema, 'items'), indent, depth + 1);
    return /^[\w$]+$/.test(type) || (type.startsWith('{') && type.endsWith('}') && !/ [|&] /.test(type))
      ? `${type}[]`
      : `Array<${type}>`;
  }

  #object(schema: JsonObject, indent: string, depth: number): string {
    const properties = objectOf(memberOf(schema, 'properties'));
    const names = Object.keys(properties);
    const required = listOf(memberOf(schema, 'required'));
    this.#work -= names.length + required.length;
    if (this.#work <= 0) return 'any';
    const isRequired = new Set(required);
    const members = names.slice(0, MAX_SCHEMAS).flatMap((name): Member[] => {
      if (name.length > MAX_NAME) return [];
      const each = properties[name];
      const type = this.#type(each, `${indent}  `, depth + 1);
      return [{ name, type, isOptional: !isRequired.has(name), comment: textOf(memberOf(each, 'description')) }];
    });
    const others = memberOf(schema, 'additionalProperties');
    if (members.length > 0) return objectType(members, indent);
    return others === false
      ? '{}'
      : `Record<string, ${isObject(others) ? this.#type(others, indent, depth + 1) : 'any'}>`;
  }
}

const inUnion = (type: string): string => (type.includes(' & ') ? `(${type})` : type);

function union(types: readonly string[]): string {
  const all = [...new Set(types)];
  return all.includes('any') || all.length === 0
    ? 'any'
    : all.length === 1
      ? (all[0] as string)
      : all.map(inUnion).join(' | ');
}

function literal(value: JsonValue): string {
  if (typeof value === 'object' && value !== null) return 'any';
  if (typeof value !== 'string') return JSON.stringify(value);
  // A long text is not even looked at: it may be referred to in thousands of places.
  return value.length > MAX_LITERAL ? 'string' : literalText(value);
}
