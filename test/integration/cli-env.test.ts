import { describe, expect, test } from '@jest/globals';
import { copepod, execution, Workspace } from './support/cli.ts';

const RUNTIME = `apiVersion: copepod.dev/v1alpha1
kind: ScriptRuntime
metadata: { name: default }
spec:
  env:
    - { name: REGION, value: eu }
    - { name: TOKEN, valueFrom: { secretKeyRef: { name: crm, key: token } } }
    - { name: SITE, valueFrom: { configMapKeyRef: { name: site, key: url } }, tenants: [acme] }
`;
const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: { name: crm }\nstringData: { token: tok-5f9a1c }\n';
const SITE = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: site }\ndata: { url: https://example.com }\n';
const SOURCE = 'console.log(env.TOKEN); [env.REGION, env.TOKEN.length, env.SITE, env.OWN]';
const one = (spec: object = {}) => execution('one', { source: SOURCE, ...spec });

async function run(files: Readonly<Record<string, string>>, ...args: string[]) {
  using workspace = new Workspace(files);
  const { code, stdout, stderr } = await copepod(['run', '.', '-o', 'json', ...args], { cwd: workspace.path });
  return { code, stderr, status: stdout === '' ? undefined : JSON.parse(stdout).items[0].status };
}

describe('copepod run with env', () => {
  test('has the values of Secrets and ConfigMaps in the files, and redacts the secret ones', async () => {
    const context = { tenant: { id: 'acme' } };
    const files = { 'runtime.yaml': RUNTIME, 'secret.yaml': SECRET, 'site.yaml': SITE };
    const { status, code, stderr } = await run({
      ...files,
      'one.json': one({ context, env: [{ name: 'OWN', value: 'x' }] }),
    });
    expect(status.result).toEqual(['eu', 10, 'https://example.com', 'x']);
    expect(status.logs[0].message).toBe('***');
    expect(stderr).not.toContain('tok-5f9a1c');
    expect(code).toBe(0);
  });

  test('gives no variable to other tenants', async () => {
    const { status } = await run({ 'runtime.yaml': RUNTIME, 'secret.yaml': SECRET, 'one.json': one() });
    expect(status.result).toEqual(['eu', 10, null, null]);
  });

  test('names what is missing, and runs nothing', async () => {
    const { code, stderr, status } = await run({ 'runtime.yaml': RUNTIME, 'one.json': one() });
    expect(stderr).toContain(
      'runtime.yaml:7:62: spec.env[1].valueFrom.secretKeyRef.key: Secret default/crm with key token is not in the files given',
    );
    expect(stderr).toContain('add a manifest of it, or let env.TOKEN be missing with optional: true');
    expect(status).toBeUndefined();
    expect(code).toBe(2);
  });

  test('validate does not ask for Secrets: they may come from elsewhere', async () => {
    using files = new Workspace({ 'runtime.yaml': RUNTIME, 'one.json': one() });
    const { code, stdout } = await copepod(['validate', '.'], { cwd: files.path });
    expect(stdout).toContain('valid: 1 ScriptExecution, 1 ScriptRuntime in 2 files');
    expect(code).toBe(0);
  });

  test('--env sets a variable over all others, and makes up for a missing one', async () => {
    const args = ['--env', 'TOKEN=abc', '--env', 'OWN=a=b'];
    const { status } = await run(
      { 'runtime.yaml': RUNTIME, 'one.json': one({ env: [{ name: 'OWN', value: 'x' }] }) },
      ...args,
    );
    expect(status.result).toEqual(['eu', 3, null, 'a=b']);
  });

  test.each([
    ['TOKEN', '--env: is no NAME=value'],
    ['1A=x', '--env 1A: "1A" is not a name of a variable'],
  ])('--env %s is refused', async (pair, message) => {
    const { code, stderr } = await run({ 'one.json': one() }, '--env', pair);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('a Secret that the API server would refuse', () => {
  test.each<[string, string, string]>([
    ['data: { a: "not base64!" }', 'data.a: is no base64', 'not base64!'],
    ['stringData: { pin: 739146 }', 'stringData.pin: must be a string', '739146'],
    ['data: { "a/b": "eA==" }', 'data[a/b]: "a/b" is not a key of a Secret', 'eA=='],
    ['type: kubernetes.io/tls', 'data[tls.crt]: is required in a Secret of type kubernetes.io/tls', 'never'],
    ['stringdata: { a: b }', 'stringdata: unknown field', 'never'],
  ])('%s is refused, and no value is shown', async (fields, message, value) => {
    using files = new Workspace({ 's.yaml': `apiVersion: v1\nkind: Secret\nmetadata: { name: s }\n${fields}\n` });
    const { code, stdout } = await copepod(['validate', '.'], { cwd: files.path });
    expect(stdout).toContain(message);
    expect(stdout).not.toContain(value);
    expect(code).toBe(2);
  });
});

test('copepod test gives a test its env', async () => {
  using files = new Workspace({
    'a.test.ts': `import { expect, test } from 'copepod/test';
test('with', { env: { TOKEN: 'x' } }, () => { expect(env.TOKEN).toBe('x'); });
test('without', () => { expect(Object.keys(env)).toEqual([]); });
`,
  });
  const { code, stdout } = await copepod(['test', '.'], { cwd: files.path });
  expect(stdout).toContain('2 passed');
  expect(code).toBe(0);
});
