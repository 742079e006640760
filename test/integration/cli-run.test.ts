import { describe, expect, test } from '@jest/globals';
import { copepod, execution, runItems, succeeded, Workspace } from './support/cli.ts';

describe('copepod run of a bare script', () => {
  test('creates an execution named after the file, with params from options', async () => {
    using files = new Workspace({
      'Price Rule.ts': 'export default (p: { a: number }) => p;',
      'params.yaml': '{ a: 1, b: on, c: [x] }',
    });
    const args = ['Price Rule.ts', '--params-file', 'params.yaml', '-p', 'a={"deep":[1]}', '-p', 'text=not json'];
    const [item] = await runItems([...args, '-n', 'shop'], { cwd: files.path });
    expect(item?.metadata).toMatchObject({ name: 'price-rule', namespace: 'shop', generation: 1 });
    expect(item?.spec).toMatchObject({ language: 'TypeScript', runtimeRef: { name: 'default' }, backoffLimit: 0 });
    expect(item?.status.result).toEqual({ a: { deep: [1] }, b: true, c: ['x'], text: 'not json' });
  });

  test('prints a row when it finishes, a summary, and its logs on standard error', async () => {
    using files = new Workspace({ 'hello.js': 'console.warn("careful"); params.who' });
    const { code, stdout, stderr } = await copepod(['run', 'hello.js', '-p', 'who=world'], { cwd: files.path });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^NAME +SUCCEEDED +REASON +DURATION +RESULT\nhello +True +Completed +\d+ms +"world"\n/);
    expect(stdout).toMatch(/1 succeeded in/);
    expect(stderr).toMatch(/logs of default\/hello\n {2}warn {2}careful\n/);
  });

  test('shows an error with its position, a code frame and the callers', async () => {
    using files = new Workspace({ 'boom.js': 'function f() {\n  return x.y;\n}\nf();\n' });
    const { code, stdout } = await copepod(['run', 'boom.js'], { cwd: files.path });
    expect(code).toBe(1);
    expect(stdout).toContain('ReferenceError: x is not defined\n  at boom.js:2:3\n');
    expect(stdout).toContain('    > 2 |   return x.y;\n        |   ^\n');
    expect(stdout).toContain('at boom.js:4:1');
  });

  test('escapes terminal control characters', async () => {
    using files = new Workspace({ 'evil.js': 'console.log("\\x1b[2J"); throw new Error("\\x1b]0;owned\\x07\\u202e")' });
    const { stdout, stderr } = await copepod(['run', 'evil.js'], { cwd: files.path });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: asserts that there are none
    expect(stdout + stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/);
    expect(stdout).toContain('\\x1b]0;owned\\x07\\u202e');
  });

  test('lowers limits, and raises default limits', async () => {
    using files = new Workspace({ 'loop.js': 'for (;;);' });
    const [lowered] = await runItems(['loop.js', '--timeout', '150ms'], { cwd: files.path });
    expect(lowered?.spec.limits).toEqual({ timeout: '150ms' });
    expect(lowered && succeeded(lowered)?.reason).toBe('TimeoutExceeded');
    using big = new Workspace({ 'big.js': 'new Uint8Array(80 << 20).fill(1).length' });
    const [raised] = await runItems(['big.js', '--memory', '200Mi'], { cwd: big.path });
    expect(raised?.status.result).toBe(80 << 20);
  });

  test('reads the context from a file', async () => {
    using files = new Workspace({
      'who.js': 'context',
      'context.json': '{ "user": { "id": "u-1", "permissions": ["read"] }, "requestID": "r-7" }',
    });
    const [item] = await runItems(['who.js', '--context-file', 'context.json'], { cwd: files.path });
    expect(item?.status.result).toEqual({
      tenant: { id: 'default', name: 'default' },
      user: { id: 'u-1', email: '', permissions: ['read'] },
      execution: { id: item?.metadata.uid, type: 'one_off', triggeredBy: 'user' },
      requestID: 'r-7',
    });
  });

  test('exposes the exports of a module as host functions', async () => {
    using files = new Workspace({
      'call.js': 'export default async () => [await add(1, 2), await stock.count("a"), (await me()).tenant]',
      'host.mjs': `export const add = (call, a, b) => a + b;
        export const stock = { count: async (call, sku) => ({ sku, left: 3 }) };
        export const me = ({ context }) => ({ tenant: context.tenant.id });`,
    });
    const [item] = await runItems(['call.js', '--host-functions', 'host.mjs'], { cwd: files.path });
    expect(item?.status).toMatchObject({ result: [3, { sku: 'a', left: 3 }, 'default'], usage: { apiCalls: 3 } });
  });
});

describe('copepod run of manifests', () => {
  test('reads standard input, and reports skipped documents', async () => {
    const input = `${execution('a', { source: '1' })}\n{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"}}\n`;
    const { code, stdout, stderr } = await copepod(['run', '-'], { input });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^a +True/m);
    expect(stderr).toContain('stdin:2: skipped v1 Service s');
  });

  test('starts neither suspended nor cancelled executions, and exits with 1', async () => {
    const input = [
      execution('held', { source: '1', suspend: true }),
      execution('ended', { source: '1', cancel: true }),
    ].join('\n');
    const { code, stdout } = await copepod(['run', '-', '-o', 'json'], { input });
    const { items } = JSON.parse(stdout);
    expect(items.map(succeeded)).toEqual([
      { status: 'Unknown', reason: 'Suspended' },
      { status: 'False', reason: 'Cancelled' },
    ]);
    expect(items[0].status).not.toHaveProperty('completionTime');
    expect(items[1].status).toMatchObject({ attempts: 0, observedGeneration: 1 });
    expect(code).toBe(1);
  });

  test('retries retryable failures up to backoffLimit', async () => {
    const spec = { source: 'console.log("try"); for (;;);', limits: { timeout: '100ms' }, backoffLimit: 2 };
    const [item] = await runItems(['-'], { input: execution('again', spec) });
    expect(item?.status.attempts).toBe(3);
    expect(item?.status.attemptHistory).toMatchObject([
      { attempt: 1, reason: 'TimeoutExceeded', error: { type: 'TimeoutError', retryable: true } },
      { attempt: 2, reason: 'TimeoutExceeded' },
    ]);
    const [never] = await runItems(['-'], { input: execution('never', { source: 'throw 1', backoffLimit: 2 }) });
    expect(never?.status.attempts).toBe(1);
  });

  test('starts higher priorities first, and no execution after its deadline', async () => {
    const runtime = { apiVersion: 'copepod.dev/v1alpha1', kind: 'ScriptRuntime', metadata: { name: 'slow' } };
    const slow = { source: 'for (;;);', runtimeRef: { name: 'slow' } };
    const input = [
      JSON.stringify({ ...runtime, spec: { limits: { timeout: '1500ms', cpuTime: '5s' } } }),
      execution('last', { source: '1', runtimeRef: { name: 'slow' }, startingDeadlineSeconds: 1 }),
      execution('first', { ...slow, priority: 5 }),
    ].join('\n');
    const items = await runItems(['-', '--concurrency', '1'], { input });
    expect(items.map((item) => succeeded(item)?.reason)).toEqual(['DeadlineExceeded', 'TimeoutExceeded']);
  });

  test('assigns different uids in different runs', async () => {
    const args = ['examples/hello.yaml'];
    const [[first], [second]] = [await runItems(args), await runItems(args)];
    expect(first?.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(first?.metadata.uid).not.toBe(second?.metadata.uid);
    expect(first?.status.runDigest).toBe(second?.status.runDigest);
  });
});
