import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { copepod, execution, Workspace } from './support/cli.ts';

const BAD = `apiVersion: copepod.dev/v1alpha1
kind: ScriptExecution
metadata: { name: typo }
spec: { soruce: "1" }
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptExecution
metadata: { name: block }
spec:
  source: |
    const a = 1;
    const b = ];
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptExecution
metadata: { name: quoted }
spec:
  language: TypeScript
  source: "let a: number;\\nlet b = ];"
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptExecution
metadata: { name: fine }
spec: { source: "throw new Error('nobody runs me')" }
`;

describe('copepod validate', () => {
  test('reports all errors with their positions, those of scripts in their manifests', async () => {
    using files = new Workspace({ 'bad.yaml': BAD, 'bad.ts': 'export = 1' });
    const { code, stdout } = await copepod(['validate', 'bad.yaml', 'bad.ts', '-o', 'json'], { cwd: files.path });
    const { valid, problems } = JSON.parse(stdout);
    expect(valid).toBe(false);
    expect(problems).toMatchObject([
      {
        file: 'bad.yaml',
        document: 1,
        path: 'spec.soruce',
        line: 4,
        column: 9,
        hint: expect.stringContaining('source'),
      },
      { file: 'bad.yaml', document: 2, path: 'spec.source', line: 12, column: 15 },
      { file: 'bad.yaml', document: 3, path: 'spec.source', line: 19, message: expect.stringContaining('line 2') },
      { file: 'bad.ts', document: 1, path: '', line: 1, column: 1, message: expect.stringContaining('CommonJS') },
    ]);
    expect(code).toBe(2);
  });

  test('prints them with code frames', async () => {
    using files = new Workspace({ 'bad.yaml': BAD });
    const { code, stdout } = await copepod(['validate', 'bad.yaml'], { cwd: files.path });
    expect(stdout).toContain('bad.yaml:12:15: spec.source: SyntaxError');
    expect(stdout).toContain('> 2 | const b = ];\n        |           ^');
    expect(stdout).toContain('3 problems in 1 file');
    expect(code).toBe(2);
  });

  test('runs nothing, and exits with 0 if all is valid', async () => {
    const { code, stdout } = await copepod([
      'validate',
      'examples/source-from-configmap.yaml',
      'examples/tenants.yaml',
    ]);
    expect(stdout).toBe('valid: 4 ScriptExecutions, 1 ScriptRuntime, 1 ConfigMap in 2 files\n');
    expect(code).toBe(0);
  });

  test('finds the position of a script in a ConfigMap', async () => {
    const input = `apiVersion: v1
kind: ConfigMap
metadata: { name: scripts, labels: { copepod.dev/source: "true" } }
data:
  a.js: |
    let 1 = 2;
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptExecution
metadata: { name: a }
spec: { sourceFrom: { configMapKeyRef: { name: scripts, key: a.js } } }
`;
    const { stdout } = await copepod(['validate', '-', '-o', 'json'], { input });
    expect(JSON.parse(stdout).problems).toMatchObject([
      { file: 'stdin', document: 1, path: 'data[a.js]', line: 6, column: 9 },
    ]);
  });

  test('skips kustomize directories, and says how to check their output', async () => {
    using files = new Workspace({ 'fine.js': '1' });
    mkdirSync(join(files.path, 'all/tenant'), { recursive: true });
    files.write('all/fine.yaml', execution('fine', { source: '1' }));
    files.write('all/tenant/kustomization.yaml', 'resources: [executions.yaml]\n');
    files.write(
      'all/tenant/executions.yaml',
      execution('later', { sourceFrom: { configMapKeyRef: { name: 'a', key: 'b' } } }),
    );
    const all = await copepod(['validate', 'all'], { cwd: files.path });
    expect(all).toMatchObject({ code: 0, stdout: expect.stringMatching(/^valid: 1 ScriptExecution/) });
    expect(all.stderr).toContain('all/tenant: skipped: kubectl kustomize all/tenant | copepod run -');
    const tenant = await copepod(['validate', 'all/tenant'], { cwd: files.path });
    expect(tenant).toMatchObject({ code: 2, stderr: expect.stringContaining('a directory for kustomize') });
  });

  test('reports what the ScriptRuntime in the same files refuses', async () => {
    const runtime = {
      apiVersion: 'copepod.dev/v1alpha1',
      kind: 'ScriptRuntime',
      metadata: { name: 'default' },
      spec: { limits: { memory: '32Mi' }, tenants: ['acme'] },
    };
    using files = new Workspace({
      'runtime.json': JSON.stringify(runtime),
      'a.json': execution('a', { source: '1', limits: { memory: '64Mi', timeout: '1s' } }),
      'b.json': execution('b', { source: '1', context: { tenant: { id: 'acme' } }, params: 'x'.repeat(2 ** 18) }),
      'c.json': execution('c', { source: '1', context: { tenant: { id: 'acme' } }, params: nested(101) }),
      'd.json': execution('d', { source: '1', context: { tenant: { id: 'acme' } }, params: nested(100) }),
    });
    const { code, stdout } = await copepod(['validate', '.', '-o', 'json'], { cwd: files.path });
    const { problems } = JSON.parse(stdout);
    expect(problems.map(({ file, path, message }: Record<string, string>) => `${file} ${path} ${message}`)).toEqual([
      'a.json spec.limits.memory asks for 64Mi, and the ScriptRuntime default allows 32Mi',
      'a.json spec.context.tenant.id the ScriptRuntime default does not admit the tenant "default"',
      'b.json spec.params must have at most 262144 bytes as JSON, not 262146',
      'c.json spec.params must nest at most 100 levels',
    ]);
    expect(code).toBe(2);
  });

  test('warns of numbers that a script would see changed', async () => {
    const input = `${execution('a', { source: '1' }).replace('"source"', '"params":{"id":1909198862420847982},"source"')}`;
    const { code, stdout } = await copepod(['validate', '-'], { input });
    expect(stdout).toMatch(/stdin:1:\d+: warning: spec\.params\.id: has more digits/);
    expect(stdout).toContain('valid: 1 ScriptExecution');
    expect(code).toBe(0);
  });

  test.each([
    ['an empty file', ''],
    ['comments alone', '# nothing\n---\n'],
    ['null', 'null\n'],
    ['an empty list', 'apiVersion: v1\nkind: List\nitems: []\n'],
  ])('refuses %s', async (_, input) => {
    const { code, stdout } = await copepod(['validate', '-'], { input });
    expect(stdout).toContain('stdin:1:1: holds no objects');
    expect(code).toBe(2);
  });
});

/** Lists in one another, of so many levels. */
function nested(levels: number): unknown {
  return Array.from({ length: levels - 1 }).reduce((inner) => [inner], []);
}
