import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { copepod, ROOT, Workspace } from './support/cli.ts';

/** A directory with files in folders. */
function project(files: Readonly<Record<string, string>>): Workspace {
  const workspace = new Workspace();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace.path, path)), { recursive: true });
    writeFileSync(join(workspace.path, path), text);
  }
  return workspace;
}

/** Type-checks a directory as its editor does. */
function typeErrors(cwd: string): string {
  try {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], { cwd, encoding: 'utf8' });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe('copepod init', () => {
  test('makes a project whose types, tests, script and manifest work as they are', async () => {
    using files = new Workspace();
    const { code, stdout } = await copepod(['init', 'rules'], { cwd: files.path });
    expect(stdout).toContain('rules/src/main.ts');
    const [, clone = ''] = /^ {2}npm install -D (\S+) node@26$/m.exec(stdout) ?? [];
    expect(realpathSync(join(files.path, 'rules', clone))).toBe(realpathSync(ROOT));
    expect(code).toBe(0);
    const cwd = join(files.path, 'rules');
    expect(typeErrors(cwd)).toBe('');
    expect((await copepod(['test'], { cwd })).stdout).toMatch(/2 passed in/);
    const built = await copepod(['build', 'src/main.ts', '--params-file', 'params.json'], { cwd });
    const { stdout: list } = await copepod(['run', '-', '-o', 'json'], { cwd, input: built.stdout });
    const { items } = JSON.parse(list) as { items: ScriptExecution[] };
    expect(items[0]?.status.result).toEqual({ total: 120, discount: 0.1 });
  });

  test('replaces nothing', async () => {
    using files = new Workspace({ 'package.json': '{}' });
    const { code, stderr } = await copepod(['init'], { cwd: files.path });
    expect(stderr).toMatch(/already has package\.json\n.*another directory/);
    expect(code).toBe(2);
    expect(readFileSync(join(files.path, 'package.json'), 'utf8')).toBe('{}');
  });

  test('its editor knows that a sandbox has no DOM, nothing of Node, and a context that stays as it is', async () => {
    using files = new Workspace();
    await copepod(['init', '.'], { cwd: files.path });
    writeFileSync(
      join(files.path, 'src/wrong.ts'),
      'document.title;\nprocess.exit();\ncontext.tenant.id = "x";\nconsole.log(params.anything, context.user.email);\n',
    );
    const lines = typeErrors(files.path).trim().split('\n');
    expect(lines.map((line) => line.replace(/: error.*/, ''))).toEqual([
      'src/wrong.ts(1,1)',
      'src/wrong.ts(2,1)',
      'src/wrong.ts(3,16)',
    ]);
  });
});

describe('copepod types', () => {
  test('declares nothing that a sandbox does not have', async () => {
    const { stdout } = await copepod(['types']);
    const globals = [...stdout.matchAll(/^declare (?:const|function|class) (\w+)/gm)].map(([, name]) => name);
    const [, body = ''] = /interface ScriptConsole \{\n([^}]*)\}/.exec(stdout) ?? [];
    const methods = [...body.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => `console.${name}`);
    expect(globals).toEqual(expect.arrayContaining(['params', 'context', 'console']));
    expect(methods.length).toBeGreaterThan(4);
    const source = `[${[...globals, ...methods].map((name) => `typeof ${name}`).join(', ')}]`;
    using files = new Workspace({ 'a.js': source });
    const { stdout: list } = await copepod(['run', 'a.js', '-o', 'json'], { cwd: files.path });
    const kinds = JSON.parse(list).items[0].status.result as string[];
    expect(kinds.filter((kind) => kind !== 'object' && kind !== 'function')).toEqual([]);
  });

  test('declares host functions alone, for agents, where that is asked for', async () => {
    const args = ['types', '--host-functions', 'examples/agents/host-functions.mjs', '--standalone'];
    const { stdout } = await copepod(args);
    expect(stdout).toMatch(/^type Order = .*;\n\ndeclare const orders: \{\n(.*\n)*\};\n$/);
    expect(stdout).toContain('list(page?: number): Promise<Order[]>;');
    expect(await copepod(['types', '--standalone'])).toMatchObject({ code: 2, stdout: '' });
  });

  test('declares host functions with the types of their module', async () => {
    using files = project({
      'host.mjs': `/** @param {{ tenantKey: string }} call @param {string} sku */
export const lookup = async (call, sku) => ({ sku, price: 5 });
export const prices = { by: { /** @param {unknown} call @param {number} id */ id: (call, id) => id } };
export default (host) => host.expose('late', () => 1);
`,
    });
    await copepod(['init', '.'], { cwd: files.path });
    const { code } = await copepod(['types', '--host-functions', 'host.mjs', '-o', 'copepod.d.ts'], {
      cwd: files.path,
    });
    expect(code).toBe(0);
    writeFileSync(
      join(files.path, 'src/main.ts'),
      `const right: number = (await lookup('tea')).price;
const id: number = await prices.by.id(5);
const anything = await late(1, 2);
const wrong: string = (await lookup('tea')).price;
await lookup(5);
export default [right, id, anything, wrong];
`,
    );
    const { stdout } = await copepod(['types', '--host-functions', 'host.mjs'], { cwd: files.path });
    expect(stdout).toContain('declare const late: (...args: any[]) => Promise<any>;');
    const lines = typeErrors(files.path).trim().split('\n');
    expect(lines.map((line) => line.replace(/: error.*/, '')).filter((line) => line.includes('src/main.ts'))).toEqual([
      'src/main.ts(4,7)',
      'src/main.ts(5,14)',
    ]);
  });
});

describe('copepod build', () => {
  const SHOP = {
    'src/main.ts': `import { vat } from './vat.ts';\nimport { round } from 'rounding';\nexport default ({ net }: { net: number }) => round(net + vat(net));\n`,
    'src/vat.ts': `export enum Rate { Low = 7, High = 19 }\nexport function vat(net: number): number {\n  if (net < 0) throw new RangeError('below 0');\n  return (net * Rate.High) / 100;\n}\n`,
    'node_modules/rounding/package.json':
      '{"name":"rounding","version":"1.0.0","type":"module","exports":"./index.js"}',
    'node_modules/rounding/index.js': `export const round = (x) => { if (x > 1e6) throw new Error('too large'); return Math.round(x); };\nexport const unused = () => "never-used";\n`,
  };

  test('writes one script of what an entry imports, and leaves out what is not used', async () => {
    using files = project(SHOP);
    const args = ['build', 'src/main.ts', '--name', 'shop'];
    const { code, stdout, stderr } = await copepod(args, { cwd: files.path });
    expect(stdout).toContain('kind: ScriptExecution');
    expect(stdout).not.toContain('namespace');
    expect(stdout).not.toContain('never-used');
    expect(stderr).toMatch(/kB of JavaScript, and .* kB for its source map/);
    expect(code).toBe(0);
    const again = await copepod(args, { cwd: files.path });
    expect(again.stdout).toBe(stdout);
    const { stdout: list } = await copepod(['run', '-', '-p', 'net=100', '-o', 'json'], { input: stdout });
    expect(JSON.parse(list).items[0].status.result).toBe(119);
  });

  test.each([
    ['in a file of the author', '-1', 'src/vat.ts:3:22'],
    ['in a package', '9000000', 'node_modules/rounding/index.js:1:50'],
  ])('an error %s is shown at its place', async (_, net, place) => {
    using files = project(SHOP);
    for (const minify of [[], ['--minify']]) {
      const built = await copepod(['build', 'src/main.ts', ...minify], { cwd: files.path });
      const { code, stdout } = await copepod(['run', '-', '-p', `net=${net}`], {
        cwd: files.path,
        input: built.stdout,
      });
      expect(stdout).toContain(`at ${place}`);
      expect(stdout).toMatch(/at .*src\/main\.ts:3:\d+/);
      expect(code).toBe(1);
    }
  });

  test('writes a ConfigMap for sourceFrom, as YAML and JSON, and the script alone', async () => {
    using files = project(SHOP);
    const build = (...args: string[]) =>
      copepod(['build', 'src/main.ts', '--name', 'shop', ...args], { cwd: files.path });
    const execution = {
      apiVersion: 'copepod.dev/v1alpha1',
      kind: 'ScriptExecution',
      metadata: { name: 'a' },
      spec: { params: { net: 100 }, sourceFrom: { configMapKeyRef: { name: 'shop', key: 'shop.js' } } },
    };
    for (const output of ['yaml', 'json']) {
      const { stdout } = await build('--kind', 'ConfigMap', '-o', output);
      const input =
        output === 'yaml' ? `${stdout}---\n${JSON.stringify(execution)}` : `${stdout}${JSON.stringify(execution)}`;
      const { stdout: list } = await copepod(['run', '-', '-o', 'json'], { input });
      expect(JSON.parse(list).items[0].status.result).toBe(119);
    }
    await build('-o', 'js', '-f', 'shop.js');
    const { stdout } = await copepod(['run', 'shop.js', '-p', 'net=100'], { cwd: files.path });
    expect(stdout).toContain('119');
  });

  test.each<[string, Record<string, string>, RegExp]>([
    [
      'modules of Node, with the chain of imports to them',
      {
        'src/main.ts': `import { read } from './io.ts';\nimport 'deep';\nexport default read;\n`,
        'src/io.ts': `import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n`,
        'node_modules/deep/package.json': '{"name":"deep","main":"index.js"}',
        'node_modules/deep/index.js': `require('./lib.js');\n`,
        'node_modules/deep/lib.js': `require('net');\n`,
      },
      /node:fs is a module of Node: imported by src\/io\.ts, imported by src\/main\.ts\nnet is a module of Node: imported by node_modules\/deep\/lib\.js, imported by node_modules\/deep\/index\.js, imported by src\/main\.ts\n.*host function/,
    ],
    [
      'what is not there',
      { 'src/main.ts': `import './none.ts';\n` },
      /src\/main\.ts:1:8: Could not resolve "\.\/none\.ts"/,
    ],
    [
      'a package that is not installed',
      { 'src/main.ts': `import 'nowhere';\n` },
      /Could not resolve "nowhere"\n {2}'npm install nowhere'/,
    ],
    ['syntax errors', { 'src/main.ts': 'export default {\n  a: ];\n' }, /src\/main\.ts:2:6: Unexpected "\]"/],
    [
      'more than a ScriptExecution holds',
      { 'src/main.ts': `export default ${JSON.stringify('x'.repeat(300_000))};\n` },
      /300\.\d kB.*\n.*your files\n.*has 300\d+ bytes; at most 262144 fit into a ScriptExecution.*--kind ConfigMap/s,
    ],
    [
      'more than is run',
      { 'src/main.ts': `export default ${JSON.stringify('x'.repeat(1_100_000))};\n` },
      /1100\.\d kB.*\n.*your files\n.*has 1100\d+ bytes; at most 262144.*import less/s,
    ],
  ])('refuses %s', async (_, texts, message) => {
    using files = project(texts);
    const { code, stdout, stderr } = await copepod(['build', 'src/main.ts'], { cwd: files.path });
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

test('copepod build writes a script that a ScriptExecution cannot hold as a ConfigMap, which runs', async () => {
  const text = 'x'.repeat(300_000);
  using files = project({
    'src/main.ts': `const text: string = ${JSON.stringify(text)};\nexport default () => text.length;\n`,
    'run.yaml': `apiVersion: copepod.dev/v1alpha1
kind: ScriptExecution
metadata: { name: large }
spec: { sourceFrom: { configMapKeyRef: { name: main, key: main.js } } }
`,
  });
  const built = await copepod(['build', 'src/main.ts', '--kind', 'ConfigMap', '-f', 'main.yaml'], { cwd: files.path });
  expect(built).toMatchObject({ code: 0, stdout: '' });
  const { stdout: list } = await copepod(['run', 'main.yaml', 'run.yaml', '-o', 'json'], { cwd: files.path });
  expect((JSON.parse(list) as { items: object[] }).items).toMatchObject([{ status: { result: 300_000 } }]);
});

test('copepod build names an entry that does not exist', async () => {
  using files = project({});
  const { code, stderr } = await copepod(['build', 'src/none.ts'], { cwd: files.path });
  expect(stderr).toBe('copepod: src/none.ts: no such file or directory\n');
  expect(code).toBe(2);
});

describe('copepod test', () => {
  const TESTS = `import { afterEach, beforeEach, describe, expect, test } from 'copepod/test';
import { fail } from './lib.ts';

let count = 0;
beforeEach(() => { count++; });
afterEach(() => console.log('after', count));

test('sees params and context', { params: { a: 1 }, context: { tenant: { id: 'acme' } } }, () => {
  expect([params, context.tenant.name]).toEqual([{ a: 1 }, 'acme']);
});
describe('each', () => {
  test('has a context of its own', () => {
    (globalThis as any).left = (globalThis as any).left ?? count;
    expect([count, (globalThis as any).left]).toEqual([1, 1]);
  });
  test('and again', () => expect((globalThis as any).left).toBeUndefined());
});
test('expects wrongly', () => {
  expect({ a: [1, 2] }).toEqual({ a: [1, 3] });
});
test('throws elsewhere', () => fail());
test('waits', async () => {
  await expect(Promise.reject(new TypeError('no'))).rejects.toThrow('no');
  await expect(Promise.resolve(5)).resolves.toBe(6);
});
test('loops', () => { for (;;); });
test.skip('is left out', () => fail());
`;
  const FILES = {
    'src/lib.ts': `export function fail() {\n  throw new Error('from lib');\n}\n`,
    'src/a.test.ts': TESTS,
  };

  test('runs each test in the sandbox, and shows what failed at its place', async () => {
    using files = project(FILES);
    const { code, stdout } = await copepod(['test', '--timeout', '2s'], { cwd: files.path });
    expect(stdout).toMatch(/✓ sees params and context/);
    expect(stdout).toMatch(/✓ each › has a context of its own/);
    expect(stdout).toMatch(/✓ each › and again/);
    expect(stdout).toMatch(
      /✗ expects wrongly .*\n +AssertionError: expected \{ "a": \[1, 2\] \} to equal \{ "a": \[1, 3\] \}/,
    );
    expect(stdout).toMatch(/at src\/a\.test\.ts:19:\d+\n/);
    expect(stdout).toMatch(/> 19 \|/);
    expect(stdout).toMatch(/✗ throws elsewhere.*from lib\n +at src\/lib\.ts:2:9/s);
    expect(stdout).toMatch(/✗ waits .*\n +AssertionError: expected 5 to be 6/);
    expect(stdout).toMatch(/✗ loops /);
    expect(stdout).toMatch(/- is left out skipped/);
    expect(stdout).toMatch(/3 passed, 4 failed, 1 skipped in/);
    expect(code).toBe(1);
  });

  test('prints TAP', async () => {
    using files = project({
      'a.test.mjs': `import { expect, test } from 'copepod/test';\ntest('one # two', () => {});\ntest('bad', () => expect(1).toBe(2));\n`,
    });
    const { code, stdout } = await copepod(['test', '-o', 'tap'], { cwd: files.path });
    expect(stdout).toMatch(
      /^TAP version 14\nok 1 - a\.test\.mjs › one \\# two\n {2}---\n {2}duration_ms: \d+\n {2}\.\.\.\nnot ok 2 - a\.test\.mjs › bad\n/,
    );
    expect(stdout).toContain('  at: "a.test.mjs:3:29"');
    expect(stdout).toMatch(/\n1\.\.2\n$/);
    expect(code).toBe(1);
  });

  test('calls host functions', async () => {
    using files = project({
      'host.mjs': 'export const price = (call, sku) => sku.length;\n',
      'a.test.ts': `import { expect, test } from 'copepod/test';\ndeclare const price: (sku: string) => Promise<number>;\ntest('price', async () => expect(await price('tea')).toBe(3));\n`,
    });
    const { code, stdout } = await copepod(['test', '--host-functions', 'host.mjs'], { cwd: files.path });
    expect(stdout).toContain('1 passed');
    expect(code).toBe(0);
  });

  test.each<[string, Record<string, string>, string[], RegExp, number]>([
    ['no tests', { 'a.ts': '1' }, [], /no tests/, 2],
    ['a file of no tests', { 'a.test.ts': '1' }, [], /a\.test\.ts: holds no tests/, 2],
    [
      'a file that throws',
      { 'a.test.ts': 'throw new Error("early")' },
      [],
      /✗ \(the file\).*early\n.*a\.test\.ts:1:7/s,
      1,
    ],
    ['a file that is none of tests', { 'a.ts': '1' }, ['a.ts'], /a\.ts: is no file of tests/, 2],
    [
      'only',
      { 'a.test.ts': `import { test } from 'copepod/test';\ntest('a', () => {});\ntest.only('b', () => {});\n` },
      [],
      /1 passed, 1 skipped/,
      0,
    ],
  ])('%s', async (_, texts, args, message, exit) => {
    using files = project(texts);
    const { code, stdout, stderr } = await copepod(['test', ...args], { cwd: files.path });
    expect(stdout + stderr).toMatch(message);
    expect(code).toBe(exit);
  });
});
