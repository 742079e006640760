import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from '../../../src/api/json.ts';
import { locate, nodeAt } from '../../../src/api/source-map.ts';
import { readSource } from '../../../src/api/yaml-source.ts';

const values = (text: string) => readSource(text).documents.map(({ value }) => value);
const problems = (text: string) =>
  readSource(text).problems.map(({ document, line, column, message }) => `${document} ${line}:${column} ${message}`);

describe('plain scalars are what kubectl takes them for', () => {
  // Each checked against sigs.k8s.io/yaml 1.6, which kubectl 1.36 reads with.
  test.each<[string, JsonValue]>([
    ['yes', true],
    ['y', true],
    ['on', true],
    ['TRUE', true],
    ['tRUE', 'tRUE'],
    ['Off', false],
    ['NO', false],
    ['n', false],
    ['~', null],
    ['Null', null],
    ['nULL', 'nULL'],
    ['', null],
    ['010', 8],
    ['0o10', 8],
    ['0O7', 7],
    ['-010', -8],
    ['08', 8],
    ['09.5', 9.5],
    ['0x1F', 31],
    ['0X1f', 31],
    ['-0x1', -1],
    ['0b11', 3],
    ['0b2', '0b2'],
    ['1_000', 1000],
    ['1__0', 10],
    ['_1', '_1'],
    ['1e3', 1000],
    ['1E+3', 1000],
    ['12e03', 12000],
    ['.5', 0.5],
    ['.1e5', 10000],
    ['.01_8', 0.018],
    ['._5', '._5'],
    ['1._5', 1.5],
    ['5.', 5],
    ['-.', '-.'],
    ['1e', '1e'],
    ['1e400', '1e400'],
    ['+5', 5],
    ['-0', 0],
    ['685_230.15', 685230.15],
    ['1:30', '1:30'],
    ['1.2.3', '1.2.3'],
    ['2026-11-22', '2026-11-22'],
    ['2026-11-22T10:00:00Z', '2026-11-22T10:00:00Z'],
    ['=', '='],
    ['64Mi', '64Mi'],
    ['"yes"', 'yes'],
    ["'010'", '010'],
    ['!!str 5', '5'],
    ['!!int "5"', 5],
    ['!!bool yes', true],
    ['!!binary aGVsbG8=', 'hello'],
  ])('%s is %j', (text, expected) => {
    expect(values(`a: ${text}\n`)).toEqual([{ a: expected }]);
  });

  test('keys too', () => {
    expect(values('1: a\ntrue: b\n1.5: c\n"2": d\n')).toEqual([{ '1': 'a', true: 'b', '1.5': 'c', '2': 'd' }]);
  });
});

describe('documents', () => {
  test.each<[string, string, JsonValue[]]>([
    ['one', 'a: 1', [{ a: 1 }]],
    ['several', 'a: 1\n---\nb: 2\n---\nc: 3\n', [{ a: 1 }, { b: 2 }, { c: 3 }]],
    ['with empty ones between', '---\n---\na: 1\n---\n# only a comment\n---\n', [{ a: 1 }]],
    ['none', '', []],
    ['a comment alone', '# nothing\n', []],
    ['behind a BOM', '\uFEFFa: 1\n', [{ a: 1 }]],
    ['with CRLF', 'a: |\r\n  x\r\n  y\r\nb: 2\r\n', [{ a: 'x\ny\n', b: 2 }]],
    ['JSON', '{"a": [1, null, true, "x\\ny"], "b": {}}', [{ a: [1, null, true, 'x\ny'], b: {} }]],
    ['JSON with a surrogate pair', '{"a": "\\ud83d\\ude00"}', [{ a: '😀' }]],
    ['JSON objects one after another', '{"a": "}{\\""}\n{"b": 2} {"c": 3}', [{ a: '}{"' }, { b: 2 }, { c: 3 }]],
    ['a flow map, then YAML', '{a: 1}\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['with a directive', '%YAML 1.1\n---\na: 010\n', [{ a: 8 }]],
  ])('%s', (_, text, expected) => {
    expect(values(text)).toEqual(expected);
    expect(problems(text)).toEqual([]);
  });

  test('aliases and merges', () => {
    const text = 'base: &b {x: 1, z: 2}\ncopy: *b\nmore: {<<: *b, z: 3}\nmany: {<<: [{p: 1}, {p: 2, q: 3}]}\n';
    expect(values(text)).toEqual([
      { base: { x: 1, z: 2 }, copy: { x: 1, z: 2 }, more: { x: 1, z: 3 }, many: { p: 1, q: 3 } },
    ]);
  });

  test('a member named __proto__ is a member', () => {
    expect(JSON.stringify(values('__proto__: {a: 1}\n'))).toBe('[{"__proto__":{"a":1}}]');
  });

  test('any JSON reads as what it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' })), (value) => {
        const text = JSON.stringify(value);
        expect(problems(text)).toEqual([]);
        expect(values(text)).toEqual([JSON.parse(text)]);
      }),
    );
  });
});

describe('what cannot be read is a problem with its place', () => {
  const laughs = `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${Array.from(
    { length: 9 },
    (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]\n`,
  ).join('')}`;

  test.each([
    ['a key that is there twice', 'a: 1\nb: 2\na: 3\n', ['1 3:1 the key "a" is there twice']],
    ['also in JSON', '{"a": 1,\n "a": 2}', ['1 2:2 the key "a" is there twice']],
    ['also as 1 and "1"', '1: a\n"1": b\n', ['1 2:1 the key "1" is there twice']],
    [
      'a bracket that stays open',
      'a: [1, 2\nb: 3\n',
      ['1 2:1 does not read as YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
    ['a tab', 'a:\n\tb: 1\n', ['1 2:1 does not read as YAML: Tabs are not allowed as indentation']],
    ['a quote that stays open', 'a: "x\n', ['1 2:1 does not read as YAML: Missing closing "quote']],
    [
      'the second document alone',
      'a: 1\n---\nb: {\n---\nc: 1\n',
      ['2 4:1 does not read as YAML: Flow map in block collection must be sufficiently indented and end with a }'],
    ],
    ['an alias of nothing', 'a: *nobody\n', ['1 1:4 the alias has no anchor before it']],
    ['an alias of itself', 'a: &x [*x]\n', ['1 1:8 the alias contains itself']],
    ['aliases without end', laughs, ['1 5:10 aliases add more than 10000 values']],
    ['a tag', 'a: !env HOME\n', ['1 1:9 the tag means nothing here']],
    ['a tag that lies', 'a: !!int x\n', ['1 1:10 is not what its tag says']],
    ['no number', 'a: .nan\n', ['1 1:4 .nan is no number in JSON']],
    ['infinity', 'a: -.inf\n', ['1 1:4 -.inf is no number in JSON']],
    ['a key that YAML takes for true', 'p: {x: 1, y: 2}\n', ['1 1:11 the key y reads as true in YAML']],
    ['null as a key', '~: 1\n', ['1 1:1 null cannot be a key']],
    ['a list as a key', '[1]: 1\n', ['1 1:1 a list or map cannot be a key']],
    ['half a character', 'a: "\\ud800"\n', ['1 1:4 a \\u escape is half of a character']],
    ['a merge of a string', 'a: {<<: x}\n', ['1 1:9 << must name a map']],
    ['nesting', `a: ${'['.repeat(300)}${']'.repeat(300)}\n`, ['1 1:204 is nested more than 200 levels deep']],
    [
      'endless nesting',
      '['.repeat(100_000),
      [expect.stringMatching(/^1 1:\d+ does not read as YAML: is nested too deep$/)],
    ],
    ['a huge file', `a: ${'x'.repeat(8 * 2 ** 20)}\n`, ['1 1:1 has more than 8 MiB']],
  ])('%s', (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test('and no text makes it throw', () => {
    const yamlish = fc.string({ unit: fc.constantFrom(...'abc:-?[]{}&*!|>\'"%@#,~ \n\t0.\\') });
    fc.assert(
      fc.property(fc.oneof(fc.string(), yamlish), (text) => {
        expect(() => readSource(text)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

describe('places', () => {
  const text =
    '# comment\nspec:\n  limits: {timeout: 5}\n  list:\n    - a\n    - b: |2\n          code\n        here\n';
  const [document] = readSource(text).documents;
  const { lines } = readSource(text);

  test.each<[(string | number)[], string]>([
    [[], '2:1'],
    [['spec'], '2:1'],
    [['spec', 'limits', 'timeout'], '3:12'],
    [['spec', 'limits', 'missing'], '3:3'],
    [['spec', 'list', 0], '5:7'],
    [['spec', 'list', 1, 'b'], '6:7'],
    [['nowhere', 'at', 'all'], '2:1'],
  ])('%j is at %s', (path, expected) => {
    if (document === undefined) throw new Error('no document');
    const { line, column } = lines.position(locate(document.source, path));
    expect(`${line}:${column}`).toBe(expected);
  });

  test('a block knows where its first line is and how far it is indented', () => {
    const block = document && nodeAt(document.source, ['spec', 'list', 1, 'b'])?.block;
    expect(block && { ...lines.position(block.offset), indent: block.indent }).toEqual({
      line: 7,
      column: 1,
      indent: 8,
    });
  });
});
