import { describe, expect, test } from '@jest/globals';
import type { JsonValue } from '../../../../src/api/json.ts';
import { References } from '../../../../src/runtime/tools/references.ts';
import { SchemaTypes } from '../../../../src/runtime/tools/schema-types.ts';

const typeOf = (schema: JsonValue, document: JsonValue = schema): string =>
  new SchemaTypes().of(schema, new References(document));

describe('the type of a schema', () => {
  test.each<[JsonValue, string]>([
    [{ type: 'string' }, 'string'],
    [{ type: 'integer' }, 'number'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ type: 'string', nullable: true }, 'string | null'],
    [{ type: 'boolean' }, 'boolean'],
    [{}, 'any'],
    [true, 'any'],
    [false, 'never'],
    [{ enum: ['a', 'b', 1, null] }, '"a" | "b" | 1 | null'],
    [{ const: 'a' }, '"a"'],
    [{ type: 'array', items: { type: 'string' } }, 'string[]'],
    [{ type: 'array', items: { enum: ['a', 'b'] } }, 'Array<"a" | "b">'],
    [{ type: 'array' }, 'any[]'],
    [{ type: 'array', prefixItems: [{ type: 'string' }] }, '[string, ...any[]]'],
    [{ type: 'object' }, 'Record<string, any>'],
    [{ type: 'object', additionalProperties: { type: 'number' } }, 'Record<string, number>'],
    [{ oneOf: [{ type: 'string' }, { type: 'number' }] }, 'string | number'],
    [{ anyOf: [{ type: 'string' }, {}] }, 'any'],
    [{ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }, '{\n  a: string;\n}'],
    [
      { properties: { 'x-y': { description: 'of\nlines */ end' }, b: { properties: { c: { type: 'null' } } } } },
      '{\n  /** of lines *\\/ end */\n  "x-y"?: any;\n  b?: {\n    c?: null;\n  };\n}',
    ],
    [
      { allOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: { type: 'string' } } }] },
      '{\n  a?: string;\n} & {\n  b?: string;\n}',
    ],
  ])('%j is %s', (schema, type) => {
    expect(typeOf(schema)).toBe(type);
  });

  test('follows references within its document, and those alone', () => {
    const document = { $defs: { 'a/b': { type: 'string' } } };
    expect(typeOf({ $ref: '#/$defs/a~1b' }, document)).toBe('string');
    expect(typeOf({ $ref: '#/$defs/none' }, document)).toBe('any');
    expect(typeOf({ $ref: 'file:///etc/passwd' }, document)).toBe('any');
    expect(typeOf({ $ref: '#/__proto__/toString' }, document)).toBe('any');
    expect(typeOf({ $ref: '#/constructor' }, document)).toBe('any');
  });

  test('of what contains itself is any where it comes again', () => {
    const tree = { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } } };
    expect(typeOf(tree)).toBe('{\n  children?: any[];\n}');
    expect(typeOf({ $ref: '#' })).toBe('any');
  });

  test('has no text that ends its block or hides what it says', () => {
    const type = typeOf({ properties: { a: { enum: ['```', '\u202eabc'], description: '``` \u202e hidden' } } });
    expect(type).not.toMatch(/```|\u202e/);
    expect(type).toContain('"\\u0060\\u0060\\u0060" | "\\u202eabc"');
  });

  test('names members as their document does, whatever these names are', () => {
    const properties = JSON.parse('{"__proto__":{"type":"string"},"constructor":{"type":"number"}}');
    expect(typeOf({ type: 'object', properties })).toBe('{\n  __proto__?: string;\n  constructor?: number;\n}');
  });
});

describe('a hostile schema', () => {
  test('that branches at each level is cut, and soon', () => {
    const $defs: Record<string, JsonValue> = {};
    for (let level = 0; level < 30; level++) {
      const $ref = `#/$defs/${level + 1}`;
      $defs[level] = { type: 'object', properties: { a: { $ref }, b: { $ref }, c: { $ref } } };
    }
    const document = { $defs };
    const types = new SchemaTypes();
    const references = new References(document);
    for (let i = 0; i < 500; i++) expect(types.of({ $ref: '#/$defs/0' }, references).length).toBeLessThan(17 << 10);
  });

  test('with very many members is looked at once', () => {
    const properties: Record<string, JsonValue> = {};
    for (let i = 0; i < 400_000; i++) properties[`p${i}`] = { type: 'string' };
    const document = { $defs: { many: { type: 'object', properties } } };
    const types = new SchemaTypes();
    const references = new References(document);
    for (let i = 0; i < 500; i++) expect(types.of({ $ref: '#/$defs/many' }, references)).toBe('any');
  });

  test('of a long chain of references is followed without recursion that fails', () => {
    const $defs: Record<string, JsonValue> = {};
    for (let i = 0; i < 100_000; i++) $defs[i] = { $ref: `#/$defs/${i + 1}` };
    expect(typeOf({ $ref: '#/$defs/0' }, { $defs })).toBe('any');
  });

  test('of one very long text in thousands of places is written once at most', () => {
    const document = { $defs: { long: { const: 'x'.repeat(3 << 20) } } };
    const types = new SchemaTypes();
    const references = new References(document);
    for (let i = 0; i < 10_000; i++) expect(types.of({ $ref: '#/$defs/long' }, references)).toBe('string');
  });
});
