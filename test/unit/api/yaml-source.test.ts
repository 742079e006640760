import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from '../../../src/api/json.ts';
import { locate, nodeAt } from '../../../src/api/source-map.ts';
import { readJsonSource, readSource } from '../../../src/api/yaml-source.ts';

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
  ])('%s', (_, text, expected) => {
    expect(values(text)).toEqual(expected);
    expect(problems(text)).toEqual([]);
  });

  // Each as `kubectl apply --dry-run=server` made it, v1.36.3.
  test.each<[string, string, JsonValue]>([
    ['a merge key replaces what stands before it', 'p: {x: 5, <<: {x: 1}}', { x: 1 }],
    ['and is replaced by what stands behind it', 'p: {<<: {x: 1}, x: 5}', { x: 5 }],
    ['of two merge keys the later wins', 'p: {<<: {x: 1}, <<: {x: 2}}', { x: 2 }],
    ['of a list of merged maps the first wins', 'p: {<<: [{x: 1}, {x: 2, z: 3}]}', { x: 1, z: 3 }],
    ['a merge key in quotes is a key', 'p: {"<<": 1}', { '<<': 1 }],
    ['hexadecimal digits beyond 64 bits are text', 'p: 0x10000000000000000', '0x10000000000000000'],
    ['octal digits beyond 64 bits are decimal', 'p: 07777777777777777777777777', 7.777777777777778e24],
    ['decimal digits beyond 64 bits are a fraction', 'p: 123456789012345678901234567890', 1.2345678901234568e29],
    ['keys of 64 bits keep their digits', 'p: {1909198862420847982: a}', { '1909198862420847982': 'a' }],
    [
      'keys that are fractions are written as 32 bits',
      'p: {0.0000001: a, 1e7: b, 0.3333333333333333: c}',
      { '1e-07': 'a', '1e+07': 'b', '0.33333334': 'c' },
    ],
    ['minus zero is a key', 'p: {-0.0: a}', { '-0': 'a' }],
    ['infinity is a key', 'p: {.inf: a, -.Inf: b, .NaN: c}', { '.inf': 'a', '-.inf': 'b', '.nan': 'c' }],
    ['a colon without a space belongs to the key', 'p: {a:}', { 'a:': null }],
    ['U+2028 breaks a line of a block', 'p: |\n  a\u2028  b\n', 'a\u2028b\n'],
    ['U+0085 is a line feed there', 'p: |\n  a\u0085  b\n', 'a\nb\n'],
    ['also in quotes', 'p: "a\u0085\u0085b"', 'a\nb'],
    ['a block at the end of a file ends with a line feed', 'p: |\n  a', 'a\n'],
    ['brackets need no indentation', 'p: [\na,\n\tb\n]', ['a', 'b']],
    ['nor do quotes', 'p: "a\nb"', 'a b'],
    ['a comment may stand right behind a quote', 'p: "a"#b', 'a'],
    ['and right behind the mark of a block', 'p: |# c\n  a\n', 'a\n'],
    ['a tag without meaning leaves text', 'p: !foo 1', '1'],
    ['and a collection what it is', 'p: !!set {a}', { a: null }],
    ['a tag of a number reads quotes', 'p: !!float "1e3"', 1000],
    ['a byte order mark may stand in front of a document', 'a: 1\n---\n\uFEFFp: 2', 2],
  ])('%s', (_, text, expected) => {
    expect(problems(text)).toEqual([]);
    expect(values(text).at(-1)).toEqual({ p: expected });
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

describe('a file that is JSON and nothing else', () => {
  const read = (text: string) => {
    const { documents, problems } = readJsonSource(text);
    return [
      ...documents.map(({ value }) => value),
      ...problems.map(({ line, column, message }) => `${line}:${column} ${message}`),
    ];
  };

  test.each<[string, JsonValue[]]>([
    ['\uFEFF {"a": [1, null]}\n', [{ a: [1, null] }]],
    ['"x"', ['x']],
    ['', []],
    ['// c\n{}', ['1:1 does not read as JSON: a value is missing here']],
    ['{"a":1,}', ['1:8 does not read as JSON: a string is missing here']],
    ['{} {}', ['1:4 does not read as JSON: there is text behind the value']],
    ['a: 1', ['1:1 does not read as JSON: a value is missing here']],
    ['{"a":1,"a":2}', ['1:8 the key "a" is there twice']],
  ])('%j', (text, expected) => {
    expect(read(text).slice(-1)).toEqual(expected);
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
    ['a bracket that stays open', 'a: [1, 2\nb: 3\n', ["1 2:2 does not read as YAML: a ',' or ']' is missing here"]],
    ['a tab', 'a:\n\tb: 1\n', ['1 2:1 does not read as YAML: a tab cannot stand here']],
    ['a quote that stays open', 'a: "x\n', ['1 1:4 does not read as YAML: the quote " is not closed']],
    [
      'the second document alone',
      'a: 1\n---\nb: {\n---\nc: 1\n',
      ['2 4:1 does not read as YAML: a value is missing here'],
    ],
    ['an alias of nothing', 'a: *nobody\n', ['1 1:4 the alias has no anchor before it']],
    ['an alias of itself', 'a: &x [*x]\n', ['1 1:8 the alias contains itself']],
    ['aliases without end', laughs, ['1 5:10 aliases add more than 10000 values']],
    [
      'merges without end',
      `a0: &a0 {}\n${Array.from(
        { length: 9 },
        (_, i) => `a${i + 1}: &a${i + 1} {<<: [${Array(9).fill(`*a${i}`).join(', ')}]}\n`,
      ).join('')}`,
      ['1 6:55 aliases add more than 10000 values'],
    ],
    ['merges in merges', `a: ${'{<<: '.repeat(400)}{}${'}'.repeat(400)}\n`, []],
    [
      'nesting by merges',
      Array.from({ length: 600 }, (_, i) => `a${i}: &a${i} {${i === 0 ? '' : `<<: *a${i - 1}`}}\n`).join(''),
      [expect.stringMatching(/(nested more than 500 levels deep|aliases add more)/)],
    ],
    ['a tag that lies', 'a: !!int x\n', ['1 1:4 is not what its tag says']],
    ['no number', 'a: .nan\n', ['1 1:4 .nan is no number in JSON']],
    ['infinity', 'a: -.inf\n', ['1 1:4 -.inf is no number in JSON']],
    ['a key that YAML takes for true', 'p: {x: 1, y: 2}\n', ['1 1:11 the key y reads as true in YAML']],
    ['null as a key', '~: 1\n', ['1 1:1 null cannot be a key']],
    ['a list as a key', '[1]: 1\n', ['1 1:1 a list or map cannot be a key']],
    [
      'a tab before the first line of a block',
      'p: |\n\ta\n',
      ['1 2:1 does not read as YAML: a tab stands where the indentation of a block is'],
    ],
    [
      'escapes of JSON in YAML',
      'p: "<\\/b>"',
      ['1 1:6 does not read as YAML: a backslash in double quotes begins an escape that YAML does not know'],
    ],
    [
      'a control character in a comment',
      'p: 1 # \u0007',
      ['1 1:8 does not read as YAML: a control character cannot stand in YAML'],
    ],
    ['text behind ---', '--- p: 1\n', ['1 1:5 only a comment may stand behind --- on its line']],
    ['a directive', '%YAML 1.1\n---\np: 1\n', ['1 1:1 does not read as YAML: lines that begin with % are not read']],
    ['... at the start', '...\np: 1\n', ['1 1:1 does not read as YAML: a value is missing here']],
    ['what stands behind ...', 'p: 1\n...\nq: 2\n', ['1 3:1 kubectl drops what stands behind the end of a document']],
    ['comments in JSON', '{"p": 1, // c\n "q": 2}', ['1 1:10 does not read as JSON: a string is missing here']],
    ['a number that JSON has no room for', '{"p": 1e400}', ['1 1:7 the number is too large']],
    ['half a character', 'a: "\\ud800"\n', ['1 1:5 does not read as YAML: \\ud800 is no character in YAML']],
    ['half a character in JSON', '{"a": "\\ud800"}', ['1 1:7 a \\u escape is half of a character']],
    ['a merge of a string', 'a: {<<: x}\n', ['1 1:9 << must name a map']],
    ['nesting', `a: ${'['.repeat(600)}${']'.repeat(600)}\n`, ['1 1:503 is nested more than 500 levels deep']],
    ['endless nesting', '['.repeat(100_000), ['1 1:501 is nested more than 500 levels deep']],
    [
      'nesting by aliases',
      Array.from({ length: 600 }, (_, i) => `a${i}: &a${i} [${i === 0 ? '' : `*a${i - 1}`}]\n`).join(''),
      [expect.stringMatching(/(nested more than 500 levels deep|aliases add more)/)],
    ],
  ])('%s', (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  // kubectl reads on as YAML where four bytes are left: each checked against kubectl 1.36.
  test.each([
    ['# c', false],
    ['#ccc', true],
    [' # c', false],
    [' #cc', false],
    [' # cd', true],
    ['    #', false],
    ['\n#', false],
    ['\n# c', true],
    [' \n# c', true],
    ['# c\n', true],
    ['\n...\n', false],
  ])('a comment behind JSON: %j', (behind, isTaken) => {
    expect(problems(`{"p":1}${behind}`).length).toBe(isTaken ? 0 : 1);
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

  test('a block knows where its lines begin', () => {
    const node = document && nodeAt(document.source, ['spec', 'list', 1, 'b']);
    const places = node?.lineOffsets?.map((offset) => lines.position(offset));
    expect(places).toEqual([
      { line: 7, column: 9 },
      { line: 8, column: 9 },
    ]);
  });
});
