import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { copepod, execution, ROOT, Workspace } from './support/cli.ts';

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: scripts }\ndata: { a.js: "1" }\n';
const FROM = (name: string, key: string) => execution('from', { sourceFrom: { configMapKeyRef: { name, key } } });

describe('invalid usage exits with 2 and says what to do', () => {
  test.each<[string, string[], RegExp]>([
    ['an unknown command', ['runn'], /unknown command 'runn'\n.*Did you mean run\?/],
    ['an unknown option', ['run', '--timout', '1s', 'a.js'], /unknown option '--timout'\n.*--timeout\?/],
    ['no file', ['run'], /nothing to read\n.*name a file/],
    ['a missing file', ['run', 'nowhere/a.yaml'], /nowhere\/a\.yaml: no such file/],
    ['a name that would clear the terminal', ['run', 'no\u001b[2J.yaml'], /no\\x1b\[2J\.yaml: no such file/],
    ['a file of another type', ['run', 'README.txt'], /README\.txt: neither a manifest nor a script\n.*\.yaml/],
    ['a directory without manifests', ['run', 'empty'], /empty: no manifests/],
    ['an unknown format', ['run', 'a.js', '-o', 'xml'], /table, json, yaml/],
    ['an invalid namespace', ['run', 'a.js', '-n', 'A_B'], /lower-case/],
    ['an invalid time-out', ['run', 'a.js', '--timeout', '2d'], /--timeout 2d: .*\n.*30s/],
    ['a time-out out of bounds', ['run', 'a.js', '--timeout', '48h'], /--timeout 48h: .*between 1ms and 1h/],
    ['memory out of bounds', ['run', 'a.js', '--memory', '1Mi'], /--memory 1Mi: .*between 8Mi and 4Gi/],
    ['a concurrency of 0', ['run', 'a.js', '--concurrency', '0'], /whole number from 1/],
    ['half a character in a param', ['run', 'a.js', '-p', 'a="\\ud83d"'], /--param a: .*half of a character/],
    ['a number that JSON has no room for', ['run', 'a.js', '-p', 'a=1e400'], /--param a: the number is too large/],
    [
      'a number with too many digits',
      ['run', 'a.js', '-p', 'id=1909198862420847982'],
      /--param id: .*digits.*\n.*quote it/,
    ],
    [
      '30,000 brackets',
      ['run', 'a.js', '-p', `a=${'['.repeat(3e4)}${']'.repeat(3e4)}`],
      /--param a: .*deeper than 100/,
    ],
    ['a key twice in a param', ['run', 'a.js', '-p', 'a={"b":1,"b":2}'], /--param a: .*there twice/],
    ['a param without a value', ['run', 'a.js', '-p', 'who'], /--param who: .*\n.*who=world/],
    ['params for params that are not an object', ['run', 'list.json', '-p', 'a=1'], /default\/list are not an object/],
    ['a missing params file', ['run', 'a.js', '--params-file', 'no.json'], /no\.json: no such file/],
    [
      'a context with unknown fields',
      ['run', 'a.js', '--context-file', 'ctx.yaml'],
      /ctx\.yaml:1:3: tenent: .*\n.*tenant/,
    ],
    ['missing host functions', ['run', 'a.js', '--host-functions', 'no.mjs'], /no\.mjs: no such file/],
    [
      'host functions that do not load',
      ['run', 'a.js', '--host-functions', 'broken.mjs'],
      /broken\.mjs: does not load/,
    ],
    ['host functions without a function', ['run', 'a.js', '--host-functions', 'none.mjs'], /exports no functions/],
    ['watching standard input', ['run', '-', '--watch'], /cannot watch standard input/],
    ['nothing to run', ['run', 'map.yaml'], /no ScriptExecution/],
  ])('%s', async (_, args, message) => {
    using files = new Workspace({
      'a.js': '1',
      'README.txt': '',
      'ctx.yaml': '{ tenent: { id: a } }',
      'list.json': execution('list', { source: '1', params: [1] }),
      'broken.mjs': 'export const = 1',
      'none.mjs': 'export const a = 1',
      'map.yaml': CONFIG_MAP,
    });
    const { mkdirSync } = await import('node:fs');
    mkdirSync(`${files.path}/empty`);
    const { code, stdout, stderr } = await copepod(args, { cwd: files.path });
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

describe('invalid manifests exit with 2, and nothing runs', () => {
  test.each<[string, string, RegExp]>([
    ['no YAML', 'a: [1', /bad\.yaml:1:\d+: .*YAML/],
    ['not an object', '42', /bad\.yaml:1:1: must be a Kubernetes object/],
    ['a misspelt field', execution('x', { soruce: '1' }), /spec\.soruce: .*\n.*spec\.source/],
    [
      'a broken rule',
      execution('x', { source: '1', sourceFrom: { configMapKeyRef: { name: 'a', key: 'b' } } }),
      /exactly one/,
    ],
    ['an invalid limit', execution('x', { source: '1', limits: { timeout: 'soon' } }), /spec\.limits\.timeout/],
    ['an invalid name', execution('X Y', { source: '1' }), /metadata\.name/],
    ['a duplicate object', `${execution('x', { source: '1' })}\n${execution('x', { source: '2' })}`, /twice/],
    ['a missing ConfigMap', FROM('scripts', 'a.js'), /ConfigMap default\/scripts is not in the files given/],
    [
      'a ConfigMap without the label',
      `${CONFIG_MAP}---\n${FROM('scripts', 'a.js')}`,
      /lacks the label copepod\.dev\/source/,
    ],
    [
      'a ConfigMap without the key',
      `${CONFIG_MAP.replace('scripts', 'scripts, labels: { copepod.dev/source: "true" }')}---\n${FROM('scripts', 'b.js')}`,
      /has no key b\.js.*\n.*a\.js/,
    ],
  ])('%s', async (_, manifest, message) => {
    using files = new Workspace({ 'bad.yaml': manifest, 'good.js': 'console.log("I ran")' });
    for (const format of ['table', 'json']) {
      const { code, stdout, stderr } = await copepod(['run', 'good.js', 'bad.yaml', '-o', format], { cwd: files.path });
      expect(stderr).toMatch(message);
      expect(stderr).toContain('nothing has run');
      expect(stdout).toBe('');
      expect(code).toBe(2);
    }
  });
});

test('a Node older than that of package.json is refused, with what to do', async () => {
  const { engines } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { engines: { node: string } };
  const needed = Number(/\d+/.exec(engines.node)?.[0]);
  const versions = `{ value: { ...process.versions, node: '${needed - 1}.9.0' } }`;
  const older = `data:text/javascript,Object.defineProperty(process, 'versions', ${versions})`;
  const env = { NODE_OPTIONS: `--import "${older.replaceAll(' ', '%20')}"` };
  const { code, stdout, stderr } = await copepod(['version'], { env });
  expect(stderr).toMatch(new RegExp(`needs Node ${needed} or later; this is .*\n.*npm install node@${needed}`));
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

describe('help and version', () => {
  test.each([[['--help']], [['run', '--help']], [['validate', '--help']], [['version', '--help']], [[]]])(
    '%j exits with 0 on standard output',
    async (args) => {
      const { code, stdout, stderr } = await copepod(args);
      expect(stdout).toMatch(/^Usage: copepod/);
      expect(stderr).toBe('');
      expect(code).toBe(0);
    },
  );

  test('run --help documents every exit code', async () => {
    const { stdout } = await copepod(['run', '--help']);
    for (const code of ['0 ', '1 ', '2 ', '130 ']) expect(stdout).toMatch(new RegExp(`^  ${code}`, 'm'));
  });

  test('version names copepod, Node and V8', async () => {
    const { stdout } = await copepod(['version', '-o', 'json']);
    expect(JSON.parse(stdout)).toEqual({
      copepod: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: process.versions.node,
      v8: process.versions.v8,
      seccomp: 'Active',
    });
    expect((await copepod(['--version'])).stdout).toMatch(/^copepod +\d/);
  });
});
