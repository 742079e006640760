import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readOptions } from '../../wpt/runner/options.ts';
import { programOf } from '../../wpt/runner/program.ts';
import { failuresOf, tableOf, unexplained } from '../../wpt/runner/report.ts';
import { tallyOf } from '../../wpt/runner/tally.ts';
import { filesBelow, parseTestFile, readTestFile } from '../../wpt/runner/test-file.ts';

describe('a test file', () => {
  test('says which scripts it needs, from its folder or from the root, and its variants', () => {
    const text =
      '// META: title=a\n// META: script=../resources/a.js\n// META: script=/common/b.js\n// META: script=/resources/WebIDLParser.js\n// META: variant=?1-10\r\n// META: variant=?11-last\n';
    expect(parseTestFile('url/deep/x.any.js', text)).toEqual({
      path: 'url/deep/x.any.js',
      text,
      scripts: ['url/resources/a.js', 'common/b.js', 'resources/webidl2/lib/webidl2.js'],
      variants: ['?1-10', '?11-last'],
      timeoutMs: 20_000,
    });
    expect(parseTestFile('a.any.js', '// META: timeout=long\n').timeoutMs).toBe(60_000);
    expect(parseTestFile('a.any.js', '').variants).toEqual(['']);
  });

  test.each([
    ['fetch/a.sub.any.js', '', /server/],
    ['fetch/a.h2.any.js', '', /server/],
    ['fetch/a.any.js', '// META: script=/common/get-host-info.sub.js', /server/],
    ['a.any.js', '// META: global=shadowrealm', /ShadowRealm/],
    ['a.any.js', '// META: global=window', /page/],
  ])('is left out where it cannot run: %s %s', (path, text, why) => {
    expect(parseTestFile(path, text).skipped).toMatch(why);
  });

  test('that is for pages and workers is run', () => {
    expect(parseTestFile('a.any.js', '// META: global=window,worker,shadowrealm')).not.toHaveProperty('skipped');
  });
});

describe('a tally', () => {
  test('tells of each failure whether it is one in Node as well, and counts what did not run', () => {
    const sandbox = [
      { passed: 2, failed: [['a', 'no'] as const] },
      { passed: 1, failed: [['a', 'no'] as const, ['b', 'no'] as const] },
    ];
    const node = [
      { passed: 4, failed: [['a', 'other'] as const] },
      { passed: 2, failed: [] },
    ];
    expect(tallyOf(sandbox, node)).toEqual({
      tried: 7,
      passed: 3,
      passedInNode: 6,
      failures: [
        { name: 'a', message: 'no', inNode: true },
        { name: 'a', message: 'no', inNode: false },
        { name: 'b', message: 'no', inNode: false },
        { name: '(1 tests)', message: 'did not run', inNode: false },
      ],
    });
  });
});

test('an error of the file itself is told, and is no test', () => {
  const failure = ['(the file)', 'out of memory'] as const;
  expect(tallyOf([{ passed: 2, failed: [] }], [{ passed: 1, failed: [failure, ['a', 'no']] }])).toMatchObject({
    tried: 2,
    failures: [],
  });
  expect(tallyOf([{ passed: 0, failed: [failure] }], [{ passed: 3, failed: [] }])).toMatchObject({
    tried: 3,
    failures: [{ name: '(the file)', inNode: false }, { name: '(3 tests)' }],
  });
  expect(tallyOf([{ passed: 0, failed: [failure] }], [{ passed: 0, failed: [failure] }])).toMatchObject({ tried: 1 });
});

describe('a report', () => {
  const failure = (name: string, inNode = false) => ({ name, message: 'is\nwrong', inNode });
  const area = {
    title: 'URL',
    files: [
      {
        path: 'url/a.any.js',
        tally: {
          tried: 9,
          passed: 3,
          passedInNode: 8,
          failures: [...['a', 'b', 'c', 'd', 'known'].map((name) => failure(name)), failure('e', true)],
        },
      },
      { path: 'url/b.any.js', tally: { tried: 2, passed: 2, passedInNode: 2, failures: [] } },
    ],
    skipped: [],
  };
  const deviations = [{ path: 'url/', tests: /known/, reason: 'is meant so' }];

  test('has a row for each area, and one for all', () => {
    expect(tableOf([area, area]).split('\n').slice(2, -1)).toEqual([
      '| URL | 2 | 11 | 5 | 10 |',
      '| URL | 2 | 11 | 5 | 10 |',
      '| all | 4 | 22 | 10 | 20 |',
    ]);
  });

  test('lists failures of one kind together, with their reason', () => {
    expect(failuresOf(area, deviations)).toBe(
      '  url/a.any.js\n    a\n    b\n    c\n    and 1 more\n        is wrong\n    known\n        is wrong\n        why: is meant so\n    e\n        (as in Node) is wrong\n',
    );
  });

  test('counts what has no reason and passes in Node', () => {
    expect(unexplained([area], deviations)).toBe(4);
  });
});

describe('a checkout', () => {
  /** A folder in the place of a checkout. */
  function checkout(files: Readonly<Record<string, string>>) {
    const path = mkdtempSync(join(tmpdir(), 'copepod-wpt-'));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), text);
    }
    return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
  }

  test('without the harness is refused, as are unknown areas', () => {
    using empty = checkout({});
    expect(() => readOptions([empty.path])).toThrow('no checkout of web-platform-tests');
    using whole = checkout({ 'resources/testharness.js': '' });
    expect(() => readOptions([whole.path, '--area', 'DOM'])).toThrow('--area DOM: must be one of URL');
    expect(readOptions([whole.path, '--area', 'URL,base64'])?.areas.map(({ title }) => title)).toEqual([
      'URL',
      'base64',
    ]);
    expect(readOptions([whole.path])?.timeoutMultiplier).toBe(1);
    expect(readOptions([whole.path, '--timeout-multiplier', '2.5'])?.timeoutMultiplier).toBe(2.5);
    for (const multiplier of ['0', '61', 'long'])
      expect(() => readOptions([whole.path, '--timeout-multiplier', multiplier])).toThrow(
        '--timeout-multiplier: must be a number from 1 to 60',
      );
    expect(() => readOptions([])).toThrow('the folder of a checkout');
  });

  test('gives the files of an area in order, without those of other kinds', () => {
    using files = checkout({ 'url/b.any.js': '', 'url/a/z.any.js': '', 'url/c.html': '', 'url/d.window.js': '' });
    expect(filesBelow(files.path, 'url')).toEqual(['url/a/z.any.js', 'url/b.any.js']);
    expect(filesBelow(files.path, 'url/b.any.js')).toEqual(['url/b.any.js']);
    expect(filesBelow(files.path, 'none')).toEqual([]);
  });

  test('that lacks a script leaves out the file that needs it', () => {
    using files = checkout({ 'url/a.any.js': '// META: script=/common/none.js' });
    expect(readTestFile(files.path, 'url/a.any.js').skipped).toMatch('common/none.js');
  });

  test('makes programs that hold the harness, the scripts, and the data that they load', () => {
    using files = checkout({
      'resources/testharness.js': 'harness()',
      'url/a.any.js': '// META: script=lib.js\nfetch("data/a.json"); idl_test(["url"], [])',
      'url/lib.js': 'lib()',
      'url/data/a.json': '[1]',
      'interfaces/url.idl': 'interface URL {};',
    });
    const program = programOf(files.path, readTestFile(files.path, 'url/a.any.js'), '?1-2', 5000);
    expect(program).toContain('("?1-2", {"data/a.json":"[1]","/interfaces/url.idl":"interface URL {};"})');
    expect(program.indexOf('harness()')).toBeLessThan(program.indexOf('lib()'));
    expect(program.indexOf('lib()')).toBeLessThan(program.indexOf('fetch("data/a.json")'));
  });
});
