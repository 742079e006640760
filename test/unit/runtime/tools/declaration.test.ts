import { describe, expect, test } from '@jest/globals';
import { commentText } from '../../../../src/runtime/tools/comment-text.ts';
import { toolDeclaration, unavailableDeclaration } from '../../../../src/runtime/tools/declaration.ts';
import { identifierOf, UniqueNames } from '../../../../src/runtime/tools/function-names.ts';
import { References } from '../../../../src/runtime/tools/references.ts';
import { SchemaTypes } from '../../../../src/runtime/tools/schema-types.ts';

const find = {
  name: 'find',
  description: 'Finds\nthings',
  input: '{\n  q: string;\n}',
  isOptional: false,
  output: 'any',
};

describe('the declaration of a tool', () => {
  test('has each function with its words and types', () => {
    const ping = { name: 'ping', description: '', input: undefined, isOptional: true, output: 'undefined' };
    expect(toolDeclaration('shop', [find, ping], 1000)).toBe(
      'declare const shop: {\n  /** Finds things */\n  find(input: {\n    q: string;\n  }): Promise<any>;\n  ping(): Promise<undefined>;\n};',
    );
  });

  test('beyond its length has names alone', () => {
    expect(toolDeclaration('shop', [find], 10)).toBe('declare const shop: {\n  find(input?: any): Promise<any>;\n};');
  });

  test('of one that is not there says why', () => {
    expect(unavailableDeclaration('shop', 'no */ answer')).toBe(
      '/** Calls fail: no *\\/ answer */\ndeclare const shop: Record<string, (input?: any) => Promise<any>>;',
    );
  });
});

describe('the name of a function', () => {
  test.each([
    ['getPet', 'getPet'],
    ['search-issues', 'search_issues'],
    ['repos/get', 'repos_get'],
    ['get/pets/{petId}', 'get_pets_petId'],
    ['a.b.c', 'a_b_c'],
    ['1st', '_1st'],
    ['then', '_then'],
    ['', '_'],
    ['äöü', '_'],
    ['__proto__', '__proto_'],
    ['x'.repeat(1000), 'x'.repeat(128)],
  ])('%j is %s', (name, identifier) => {
    expect(identifierOf(name)).toBe(identifier);
  });

  test('is there once', () => {
    const names = new UniqueNames();
    expect(['a-b', 'a_b', 'a.b', 'a_b_2'].map((name) => names.of(name))).toEqual(['a_b', 'a_b_2', 'a_b_3', 'a_b_2_2']);
  });
});

test.each<[string, (index: number) => string]>([
  ['the same', () => 'a'],
  ['the same, and their numbers', (index) => (index % 2 === 0 ? 'a' : `a_${index}`)],
  ['numbers of numbers', (index) => `a${'_2'.repeat(index % 50)}`],
])('a hundred thousand names that are %s are told apart with few steps', (_, nameOf) => {
  const names = new UniqueNames();
  const all = new Set(Array.from({ length: 100_000 }, (_, index) => names.of(nameOf(index))));
  expect(all.size).toBe(100_000);
  expect(names.steps).toBeLessThan(400_000);
});

test('words in a comment are one line, cut, and end nothing', () => {
  expect(commentText(' a\r\n\tb\u2028c\0d */ ``` ', 100)).toBe("a b c d *\\/ '''");
  expect(commentText('x'.repeat(200), 100)).toBe(`${'x'.repeat(99)}…`);
  // No half of a character: neither one of the words, nor one that the cut makes.
  expect(commentText('a\ud800b', 100)).toBe('a\ufffdb');
  expect(commentText('x\u{1f9e8}y', 3)).toBe('x…');
  // Tags, variation selectors and other characters that are not seen.
  expect(commentText('a\u{e0041}\u{e0100}\u00ad\u2060\ufeff\u3164\u202eb', 100)).toBe('a b');
});

test('names and texts of types hide nothing, and end no block of code', () => {
  const hidden = '```\u2028\u202e\u{e0041}\u{e0100}\u00ad\u2060\ufeff\u3164\u0085';
  const schema = {
    properties: { [`a${hidden}`]: { const: `b${hidden}` }, plain: { enum: ['ä', '服'] }, 'with space': {} },
    required: ['plain'],
  };
  const type = new SchemaTypes().of(schema, new References(schema));
  expect(type).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}\p{DI}`]|[^\n\P{Cc}]/u);
  const escaped = '\\u0060\\u0060\\u0060\\u2028\\u202e\\udb40\\udc41\\udb40\\udd00\\u00ad\\u2060\\ufeff\\u3164\\u0085';
  expect(type).toBe(`{\n  "a${escaped}"?: "b${escaped}";\n  plain: "ä" | "服";\n  "with space"?: any;\n}`);
});
