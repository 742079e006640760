import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { copepod, execution, ROOT, Workspace } from './support/cli.ts';

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: scripts }\ndata: { a.js: "1" }\n';
const FROM = (name: string, key: string) => execution('from', { sourceFrom: { configMapKeyRef: { name, key } } });

describe('invalid usage exits with 2 and says what to do', () => {
  test.each<[string, string[], RegExp]>([
    ['an unknown command', ['runn'], /unknown command 'runn'\n {2}did you mean run\?/],
    ['help for an unknown command', ['help', 'runn'], /unknown command 'runn'\n {2}did you mean run\?/],
    ['an unknown option', ['run', '--timout', '1s', 'a.js'], /unknown option '--timout'\n.*--timeout\?/],
    [
      'an option without a value',
      ['run', 'a.js', '--param'],
      /--param <key=value>' argument missing\n {2}'copepod run --help' /,
    ],
    [
      'a script to build too many',
      ['build', 'a.js', 'b.js'],
      /too many arguments for 'build'\n {2}expected 1 argument but/,
    ],
    ['no file', ['run'], /nothing to read\n.*name a file/],
    ['a missing file', ['run', 'nowhere/a.yaml'], /nowhere\/a\.yaml: no such file/],
    ['a name that would clear the terminal', ['run', 'no\u001b[2J.yaml'], /no\\x1b\[2J\.yaml: no such file/],
    ['a file of another type', ['run', 'README.txt'], /README\.txt: neither a manifest nor a script\n.*\.yaml/],
    ['a directory without manifests', ['run', 'empty'], /empty: no manifests/],
    [
      'an unknown format',
      ['run', 'a.js', '-o', 'xml'],
      /argument 'xml' is invalid\n {2}allowed choices are table, json, yaml\n/,
    ],
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
    [
      'a context with a misspelt field',
      ['run', 'a.js', '--context-file', 'misspelt.yaml'],
      /misspelt\.yaml:1:13: tenant\.nme: .*\n.*did you mean tenant\.name\?/,
    ],
    ['missing host functions', ['run', 'a.js', '--host-functions', 'no.mjs'], /no\.mjs: no such file/],
    [
      'host functions that do not load',
      ['run', 'a.js', '--host-functions', 'broken.mjs'],
      /broken\.mjs: does not load/,
    ],
    ['host functions without a function', ['run', 'a.js', '--host-functions', 'none.mjs'], /exports no functions/],
    ['an empty name', ['run', ''], /the name of a file is empty/],
    ['a day that no month has', ['run', 'a.js', '--at', '2027-02-30T00:00:00Z'], /'2027-02-30T00:00:00Z' is invalid/],
    ['an hour that no day has', ['schedule', 'a.js', '--at', '2027-01-01T24:00Z'], /'2027-01-01T24:00Z' is invalid/],
    [
      'digits of a param too many, in a list',
      ['run', 'a.js', '-p', 'ids=[1, 1909198862420847982]'],
      /--param ids: .*digits.*\n.*write it in quotes: "1909198862420847982"/,
    ],
    [
      'JSON with a comment for params',
      ['run', 'a.js', '--params-file', 'comment.json'],
      /comment\.json:1:1: does not read as JSON: a value is missing here.*\n.*YAML ends in \.yaml/,
    ],
    [
      'JSON with a comma too many for params',
      ['run', 'a.js', '--params-file', 'comma.json'],
      /comma\.json:1:8: does not read as JSON/,
    ],
    [
      'two values of JSON for params',
      ['run', 'a.js', '--params-file', 'two.json'],
      /two\.json:2:1: does not read as JSON: there is text behind the value/,
    ],
    ['an empty file for params', ['run', 'a.js', '--params-file', 'README.txt'], /README\.txt: must hold one document/],
    [
      'a value behind --- for params',
      ['run', 'a.js', '--params-file', 'behind.yaml'],
      /behind\.yaml:1:5: only a comment .*\(document 1\)/,
    ],
    ['a time-out of tests of 0', ['test', '--timeout', '0', 'a.test.js'], /--timeout 0: .*\n.*30s/],
    [
      'a time-out of tests out of bounds',
      ['test', '--timeout', '48h', 'a.test.js'],
      /--timeout 48h: .*between 1ms and 1h/,
    ],
    ['memory of tests out of bounds', ['test', '--memory', '1', 'a.test.js'], /--memory 1: .*between 8Mi and 4Gi/],
    ['no test in what is no test', ['test', 'a.js'], /a\.js: is no file of tests\n.*\.test\.ts/],
    ['standard input for two things', ['run', '-', '--params-file', '-'], /standard input is named twice/],
    ['a directory to build', ['build', 'empty'], /empty: is a directory\n.*name the script/],
    ['a manifest to build', ['build', 'map.yaml'], /map\.yaml: is no script\n.*\.ts/],
    ['an empty script to build', ['build', 'blank.js'], /blank\.js: the script is empty/],
    ['standard input to build', ['build', '-'], /not read from standard input\n.*name a file/],
    ['a name to build with', ['build', 'a.js', '--name', 'A_B'], /--name: "A_B" is not a name in Kubernetes\n.*a-b/],
    ['no name to build with', ['build', 'a.js', '--name', ''], /--name: is required/],
    ['a namespace to build with', ['build', 'a.js', '-n', 'A_B'], /--namespace: "A_B" is not the name of a namespace/],
    ['a runtime to build with', ['build', 'a.js', '--runtime', 'A_B'], /--runtime: "A_B" is not a name in Kubernetes/],
    [
      'params of a ConfigMap',
      ['build', 'a.js', '--kind', 'ConfigMap', '--params-file', 'two.json'],
      /--params-file sets a field of a ScriptExecution/,
    ],
    [
      'a runtime of a script',
      ['build', 'a.js', '-o', 'js', '--runtime', 'a'],
      /--runtime sets a field of a ScriptExec/,
    ],
    [
      'params to build with',
      ['build', 'a.js', '--params-file', 'comma.json'],
      /comma\.json:1:8: [\s\S]*nothing is built/,
    ],
    [
      'params too large to build with',
      ['build', 'a.js', '--params-file', 'large.json'],
      /large\.json: must have at most 262144 bytes as JSON, not 300002/,
    ],
    ['a directory to write a build to', ['build', 'a.js', '-f', 'empty'], /empty: is a directory/],
    ['a project in a file', ['init', 'a.js'], /a\.js: is no directory/],
    ['a project without a name', ['init', ''], /the name of a file is empty/],
    ['a project where none can be made', ['init', '/proc/copepod'], /\/proc\/copepod\/package\.json: no such file/],
    ['types of a module without functions', ['types', '--host-functions', 'none.mjs'], /exports no functions/],
    ['types to a directory', ['types', '-o', 'empty'], /empty: is a directory/],
    ['a missing kubeconfig', ['gateway', '--kubeconfig', 'no.yaml'], /copepod: no\.yaml: no such file or directory\n/],
    [
      'a port of probes of a local gateway',
      ['gateway', '--local', '--probe-port', '1'],
      /--probe-port has no effect with --local/,
    ],
    [
      'host functions of a cluster',
      ['gateway', '--host-functions', 'a.js'],
      /--host-functions has no effect without --local/,
    ],
    ['watching standard input', ['run', '-', '--watch'], /cannot watch standard input/],
    ['nothing to run', ['run', 'map.yaml'], /no ScriptExecution/],
  ])('%s', async (_, args, message) => {
    using files = new Workspace({
      'a.js': '1',
      'README.txt': '',
      'ctx.yaml': '{ tenent: { id: a } }',
      'misspelt.yaml': '{ tenant: { nme: a } }',
      'list.json': execution('list', { source: '1', params: [1] }),
      'broken.mjs': 'export const = 1',
      'none.mjs': 'export const a = 1',
      'map.yaml': CONFIG_MAP,
      'blank.js': ' \n',
      'a.test.js': '',
      'comment.json': '// a comment\n{"a":1}',
      'comma.json': '{"a":1,}',
      'two.json': '{"a":1}\n{"a":2}',
      'large.json': `"${'x'.repeat(300_000)}"`,
      'behind.yaml': '--- ~\n',
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
    ['a script', 'params.a', /must be a Kubernetes object, not a string.*\n.*a file of its own: \.js/],
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

  test('help names a command', async () => {
    expect((await copepod(['help'])).stdout).toBe((await copepod(['--help'])).stdout);
    expect((await copepod(['help', 'run'])).stdout).toBe((await copepod(['run', '--help'])).stdout);
  });

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
