import { describe, expect, test } from '@jest/globals';
import { copepod, execution, Workspace } from './support/cli.ts';

describe('a script file imports files below its folder', () => {
  const FILES = {
    'main.ts':
      'import { vat } from "./lib/vat.ts";\nimport rates from "./rates.json" with { type: "json" };\nexport default vat(rates.full as number);',
    'lib/vat.ts': 'import { twice } from "../twice.js";\nexport const vat = (rate: number): number => twice(rate);',
    'twice.js': 'export const twice = (n) => n * 2;',
    'rates.json': '{ "full": 19 }',
  };

  test('in TypeScript, JavaScript and JSON', async () => {
    using files = new Workspace(FILES);
    const { code, stdout } = await copepod(['run', 'main.ts', '-o', 'json'], { cwd: files.path });
    expect(JSON.parse(stdout).items[0].status.result).toBe(38);
    expect(code).toBe(0);
  });

  test('an error in one has its position in that file', async () => {
    using files = new Workspace({ ...FILES, 'twice.js': '\nexport const twice = (n) => n.a.b;' });
    const { code, stdout, stderr } = await copepod(['run', 'main.ts'], { cwd: files.path });
    expect(stdout + stderr).toContain('at twice.js:2:33');
    expect(stdout).toContain('> 2 | export const twice = (n) => n.a.b;\n        |                                 ^');
    expect(code).toBe(1);
  });

  test('no other file is read', async () => {
    using files = new Workspace({ 'in/main.js': 'import "../secret.js"', 'in/lib.js': '', 'secret.js': '' });
    const { code, stdout, stderr } = await copepod(['run', 'in/main.js'], { cwd: files.path });
    expect(stdout + stderr).toContain("Cannot import '../secret.js'");
    expect(code).toBe(1);
  });
});

describe('a manifest with a script of several files', () => {
  const LABELS = { 'copepod.dev/source': 'true' };
  const configMap = (name: string, data: object, labels: object = LABELS): string =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data });
  const runtime = (imports: object): string =>
    JSON.stringify({
      apiVersion: 'copepod.dev/v1alpha1',
      kind: 'ScriptRuntime',
      metadata: { name: 'default' },
      spec: { imports },
    });
  const IMPORTS = { '@acme/vat': { configMapKeyRef: { name: 'library', key: 'vat.ts' } } };
  const LIBRARY = configMap('library', { 'vat.ts': 'export const vat = (net: number): number => net * 0.19;' });
  const SHOP = {
    'main.ts': 'import { vat } from "@acme/vat";\nimport { net } from "./net.ts";\nexport default vat(net as number);',
    'net.ts': 'export const net: number = 200;',
  };
  const FROM = execution('shop', { sourceFrom: { configMapRef: { name: 'shop', main: 'main.ts' } } });

  test('runs it, with the imports of the runtime in the files', async () => {
    using files = new Workspace({
      'shop.json': configMap('shop', SHOP),
      'library.json': LIBRARY,
      'runtime.json': runtime(IMPORTS),
      'execution.json': FROM,
    });
    const { code, stdout } = await copepod(['run', '.', '-o', 'json'], { cwd: files.path });
    expect(JSON.parse(stdout).items[0].status).toMatchObject({
      result: 38,
      sourceDigest: expect.stringMatching(/^sha256:/),
    });
    expect(code).toBe(0);
    expect((await copepod(['validate', '.'], { cwd: files.path })).code).toBe(0);
  });

  test('runs it once for a ScriptSchedule', async () => {
    const schedule = {
      apiVersion: 'copepod.dev/v1alpha1',
      kind: 'ScriptSchedule',
      metadata: { name: 'nightly' },
      spec: {
        schedule: '0 6 * * *',
        executionTemplate: { spec: { sourceFrom: { configMapRef: { name: 'shop', main: 'main.ts' } } } },
      },
    };
    using files = new Workspace({
      'shop.json': configMap('shop', SHOP),
      'library.json': LIBRARY,
      'runtime.json': runtime(IMPORTS),
      'schedule.json': JSON.stringify(schedule),
    });
    const { code, stdout } = await copepod(['run', '.', '-o', 'json'], { cwd: files.path });
    expect(JSON.parse(stdout).items[0].status.result).toBe(38);
    expect(code).toBe(0);
  });

  test('runs a script file with the imports of the runtime in the files', async () => {
    using files = new Workspace({ ...SHOP, 'library.json': LIBRARY, 'runtime.json': runtime(IMPORTS) });
    const args = ['run', 'main.ts', 'library.json', 'runtime.json', '-o', 'json'];
    const { code, stdout } = await copepod(args, { cwd: files.path });
    expect(JSON.parse(stdout).items[0].status.result).toBe(38);
    expect(code).toBe(0);
  });

  test('shows the file and the code of an error in an imported file', async () => {
    using files = new Workspace({
      'shop.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: shop, labels: { copepod.dev/source: "true" } }
data:
  main.ts: |
    import { net } from "./net.ts";
    net();
  net.ts: |
    export const net = () => {
      throw new Error("no net");
    };
---
${FROM}`,
    });
    const { code, stdout } = await copepod(['run', 'shop.yaml'], { cwd: files.path });
    expect(stdout).toContain('at shop.yaml:10:13 (line 2 of data[net.ts])');
    expect(stdout).toContain('> 2 |   throw new Error("no net");\n        |         ^');
    expect(code).toBe(1);
    const json = await copepod(['run', 'shop.yaml', '-o', 'json'], { cwd: files.path });
    expect(JSON.parse(json.stdout).items[0].status.error).toMatchObject({ file: 'net.ts', line: 2, column: 9 });
  });

  test('validate shows where an imported file does not compile', async () => {
    using files = new Workspace({
      'library.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: library, labels: { copepod.dev/source: "true" } }
data:
  vat.ts: |
    export const a = 1;
    export const vat = ];
`,
      'runtime.json': runtime(IMPORTS),
      'shop.json': configMap('shop', SHOP),
      'execution.json': FROM,
    });
    const { code, stdout } = await copepod(['validate', '.', '-o', 'json'], { cwd: files.path });
    expect(JSON.parse(stdout).problems).toMatchObject([
      { file: 'library.yaml', path: 'data[vat.ts]', line: 7, column: 24 },
    ]);
    expect(code).toBe(2);
  });

  test.each<[string, Record<string, string>, object]>([
    [
      'the ConfigMap is not in the files',
      { 'execution.json': FROM },
      { path: 'spec.sourceFrom.configMapRef.name', message: 'ConfigMap default/shop is not in the files given' },
    ],
    [
      'it has no such main file',
      { 'execution.json': FROM, 'shop.json': configMap('shop', { 'other.ts': '1' }) },
      { path: 'spec.sourceFrom.configMapRef.main', hint: 'its keys are: other.ts' },
    ],
    [
      'the ConfigMap of an import is not in the files',
      { 'runtime.json': runtime(IMPORTS), 'a.json': execution('a', { source: 'import "@acme/vat"' }) },
      {
        path: 'spec.imports[@acme/vat].configMapKeyRef.name',
        message: 'ConfigMap default/library is not in the files given',
      },
    ],
    [
      'the ConfigMap of an import lacks the label',
      { 'runtime.json': runtime(IMPORTS), 'library.json': configMap('library', { 'vat.ts': '1' }, {}) },
      {
        path: 'spec.imports[@acme/vat].configMapKeyRef.name',
        message: expect.stringContaining('which imports requires'),
      },
    ],
  ])('is refused once if %s', async (_, manifests, problem) => {
    using files = new Workspace(manifests);
    const { code, stdout } = await copepod(['validate', '.', '-o', 'json'], { cwd: files.path });
    expect(JSON.parse(stdout).problems).toMatchObject([problem]);
    expect(code).toBe(2);
  });
});
