// Scripts that read env in template strings.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are sources
import { describe, expect, test } from '@jest/globals';
import type { EnvVar } from '../../src/api/env.ts';
import { GivenValues } from '../../src/runtime/env/value-source.ts';
import { engineForTests } from './support/engine.ts';

const TOKEN = 'tok-5f9a1c+/"7e';
const engine = engineForTests({
  values: new GivenValues({
    secrets: {
      crm: {
        token: TOKEN,
        host: 'Acme-7731',
        pin: '7391',
        key: '-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n',
      },
    },
    configMaps: { site: { region: 'eu-west' } },
  }),
});

const secret = (name: string, key: string, optional?: boolean): EnvVar => ({
  name,
  valueFrom: { secretKeyRef: { name: 'crm', key, ...(optional === undefined ? {} : { optional }) } },
});
const env: readonly EnvVar[] = [
  { name: 'GREETING', value: 'hello' },
  { name: 'REGION', valueFrom: { configMapKeyRef: { name: 'site', key: 'region' } } },
  secret('TOKEN', 'token'),
];

describe('the global env', () => {
  test('has the values of plain texts, ConfigMaps and Secrets', async () => {
    const source = '[env.GREETING, env.REGION, env.TOKEN.length, Object.keys(env).join(), typeof env.NONE]';
    expect(await engine.result(source, { env })).toEqual([
      'hello',
      'eu-west',
      TOKEN.length,
      'GREETING,REGION,TOKEN',
      'undefined',
    ]);
  });

  test('is an empty object where no variable is declared', async () => {
    expect(await engine.result('JSON.stringify(env) + Object.isFrozen(env)')).toBe('{}true');
  });

  test('is frozen', async () => {
    const source =
      '"use strict"; const said = []; for (const f of [() => { env.GREETING = 1 }, () => { env.X = 1 }, () => { delete env.GREETING }]) { try { f() } catch (e) { said.push(e.name) } } [...said, env.GREETING]';
    expect(await engine.result(source, { env })).toEqual(['TypeError', 'TypeError', 'TypeError', 'hello']);
  });

  test('may have a name that every object has', async () => {
    const odd = ['__proto__', 'constructor', 'toString'].map((name) => ({ name, value: 'mine' }));
    expect(await engine.result('[env.__proto__, env.constructor, env.toString]', { env: odd })).toEqual([
      'mine',
      'mine',
      'mine',
    ]);
  });

  test.each([
    'const env = 1; env',
    'let env = 1; env',
    'var env = 1; env',
    'env = 1; env',
    'function env() {} typeof env === "function" ? 1 : 0',
    'class env {}; 1',
    'export const env = 1; export default env;',
  ])('does not keep a script from a variable of that name: %s', async (source) => {
    expect(await engine.result(source, { env })).toBe(1);
  });

  test('is given to a handler of scheduled starts, and to modules', async () => {
    const source =
      'export default { scheduled(controller, variables) { return [variables === env, variables.GREETING]; } };';
    const context = { execution: { type: 'cron' } } as const;
    expect(await engine.result(source, { env, context })).toEqual([true, 'hello']);
    expect(await engine.result('export default () => env.REGION', { env })).toBe('eu-west');
  });

  test('of one execution is not that of the next', async () => {
    await engine.result('env.GREETING', { env });
    expect(await engine.result('env.GREETING ?? "none"')).toBe('none');
  });
});

describe('a value that does not exist', () => {
  test('keeps the execution from starting, and is named', async () => {
    const outcome = await engine.run('1', { env: [...env, secret('OTHER', 'none')] });
    expect(outcome).toMatchObject({
      reason: 'EnvNotFound',
      error: {
        type: 'ResourceError',
        message: 'env.OTHER: Secret "crm" with key "none" does not exist',
        retryable: true,
      },
    });
  });

  test('is left out where it is optional, and a plain text before it counts', async () => {
    const variables = [{ name: 'A', value: 'before' }, secret('A', 'none', true), secret('B', 'none', true)];
    expect(await engine.result('[env.A, "B" in env]', { env: variables })).toEqual(['before', false]);
  });

  test('too much of env is refused', async () => {
    const value = 'x'.repeat(32_768);
    const variables = Array.from({ length: 9 }, (_, index) => ({ name: `A${index}`, value }));
    const outcome = await engine.run('1', { env: variables });
    expect(outcome).toMatchObject({ reason: 'LimitsRefused', error: { message: expect.stringContaining('env has') } });
  });
});

/** Everything that is said of an outcome. */
const said = (outcome: Awaited<ReturnType<typeof engine.run>>): string =>
  JSON.stringify({
    ...outcome,
    error: outcome.error && [outcome.error, outcome.error.message, outcome.error.stack, causes(outcome.error)],
  });
function causes(error: { cause?: unknown; errors?: readonly unknown[] | undefined }): unknown {
  const { cause, errors = [] } = error;
  return [cause, ...errors].map((each) => each && [each, (each as Error).message, causes(each as Error)]);
}

const FORMS = [
  TOKEN,
  JSON.stringify(TOKEN).slice(1, -1),
  encodeURIComponent(TOKEN),
  Buffer.from(TOKEN).toString('hex'),
  Buffer.from(TOKEN).toString('base64').slice(0, 16),
  Buffer.from(TOKEN).toString('base64url').slice(0, 16),
  Buffer.from(`me:${TOKEN}`).toString('base64').slice(4, 16),
  TOKEN.slice(0, 10),
];

describe('a secret value that a script tells', () => {
  // The parameters are a list: Jest takes a third one for a callback.
  test.each<[string, string, 'hidden'?]>([
    ['as its result', 'env.TOKEN'],
    ['in a member, its name and deep down', '({ [env.TOKEN]: [[{ a: `x${env.TOKEN}y` }]] })'],
    ['as all of env', 'env'],
    [
      'in base64 and base64url',
      '[btoa(env.TOKEN), btoa("me:" + env.TOKEN), btoa(env.TOKEN).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")]',
    ],
    ['in hex', '[...env.TOKEN].map((c) => c.charCodeAt(0).toString(16)).join("")'],
    [
      'in a URL',
      'new URL("https://example.com/?q=" + encodeURIComponent(env.TOKEN)).href + new URLSearchParams({ q: env.TOKEN })',
    ],
    ['as JSON in JSON', 'JSON.stringify(JSON.stringify(env))'],
    ['by a promise', 'Promise.resolve(env.TOKEN)'],
    [
      'to the console',
      'console.log(env.TOKEN); console.error("a", { env }, [env.TOKEN]); console.table([env]); console.dir(env); console.group(env.TOKEN); console.assert(false, env.TOKEN); console.count(env.TOKEN); console.time(env.TOKEN); console.timeEnd(env.TOKEN); console.trace(env.TOKEN); console.log("%s %o %j", env.TOKEN, env, env)',
    ],
    ['over two lines', 'console.log("a " + env.TOKEN.slice(0, 6)); console.log(env.TOKEN.slice(6))'],
    ['in a line that is too long', 'console.log("x".repeat(8192 - 10) + env.TOKEN)'],
    ['in an error', 'throw new Error(`cannot use ${env.TOKEN}`)'],
    ['in a text that is thrown', 'throw env.TOKEN'],
    ['in an object that is thrown', 'throw { token: env.TOKEN }'],
    ['in the name of an error', 'throw Object.assign(new Error("x"), { name: env.TOKEN })'],
    [
      'in the stack of an error',
      'const e = new Error("x"); e.stack = `Error: x\\n    at ${env.TOKEN} (script.js:1:1)\\n    at f (${env.TOKEN}:1:1)`; throw e',
      'hidden',
    ],
    ['in the name of a function', 'const f = { [env.TOKEN]() { throw new Error("x") } }; f[env.TOKEN]()'],
    ['in a cause', 'throw new Error("x", { cause: new Error(env.TOKEN, { cause: env.TOKEN }) })'],
    ['in the reasons of an AggregateError', 'throw new AggregateError([new Error(env.TOKEN), env.TOKEN], env.TOKEN)'],
    ['in an error message that is too long', 'throw new Error("x".repeat(4085 - 7) + env.TOKEN)'],
    ['in a rejection', 'Promise.reject(new Error(env.TOKEN)); await null; 1'],
    ['in a timer', 'setTimeout(() => { throw new Error(env.TOKEN) }, 1); await new Promise(() => {})'],
    ['in code that does not compile', 'eval(`"${btoa(env.TOKEN)}" +`)', 'hidden'],
    ['in the name of a file', 'await import(env.TOKEN)'],
    ['to a host function that does not exist', 'globalThis[env.TOKEN]()', 'hidden'],
  ])('%s is not in the outcome', async (...[, source, hidden]) => {
    const lines: string[] = [];
    const outcome = await engine.run(source, { env, onLog: ({ message }) => lines.push(message) });
    const text = said(outcome) + lines.join('\n');
    for (const form of FORMS) expect(text).not.toContain(form);
    if (hidden === undefined) expect(text).toContain('***');
  });

  test('leaves the rest as it is', async () => {
    const outcome = await engine.run('console.log(`a ${env.TOKEN} b`); throw new TypeError(`bad ${env.TOKEN}!`)', {
      env,
    });
    expect(outcome.logs.map(({ message }) => message)).toEqual(['a *** b']);
    expect(outcome.error?.message).toBe('TypeError: bad ***!');
    expect(outcome.error).toMatchObject({
      line: 1,
      column: 40,
      reason: 'RuntimeError',
    });
  });

  test('as a number is redacted', async () => {
    const outcome = await engine.run('Number(env.PIN)', { env: [secret('PIN', 'pin')] });
    expect(outcome.result).toBe('***');
  });

  test('is redacted line by line', async () => {
    const outcome = await engine.run('env.KEY.split("\\n").forEach((line) => console.log(line)); ({ key: env.KEY })', {
      env: [secret('KEY', 'key')],
    });
    expect(said(outcome)).not.toContain('MIIEvQIBADANBg');
  });

  test('is not redacted for an execution that is not given it, nor a value that is no secret', async () => {
    const outcome = await engine.run(`[${JSON.stringify(TOKEN)}, env.REGION]`, { env: env.slice(0, 2) });
    expect(outcome.result).toEqual([TOKEN, 'eu-west']);
  });

  test('reaches host functions as it is, with a way to redact what they log', async () => {
    const calls: unknown[] = [];
    await engine.result('await send(env.TOKEN); 1', {
      env,
      setup: (host) => host.expose('send', ({ redact }, text) => void calls.push(text, redact(`sends ${text}`))),
    });
    expect(calls).toEqual([TOKEN, 'sends ***']);
  });

  test('that is transformed in another way is told: no sandbox can know', async () => {
    expect(await engine.result('[...env.TOKEN].reverse().join("")', { env })).toBe([...TOKEN].reverse().join(''));
  });
});

describe('what is told of a request', () => {
  const TOLD = [
    ['a path', '`https://a.example/hooks/${env.TOKEN}/x`'],
    ['an encoded path', '`https://a.example/${encodeURIComponent(env.TOKEN)}`'],
    ['a name of a host', '`https://${env.HOST}.a.example/`'],
    ['a long path, where it is cut', '`https://a.example/${"x".repeat(2048 - 22)}${env.TOKEN}`'],
    ['a method', '"https://a.example/", { method: env.HOST }'],
  ] as const;

  test.each(TOLD)('has no secret of %s', async (_, call) => {
    const reports: object[] = [];
    await engine.run(`fetch(${call}).catch((error) => error.cause.message)`, {
      env: [...env, secret('HOST', 'host')],
      onFetch: (report) => reports.push(report),
    });
    const text = JSON.stringify(reports);
    expect(text).toMatch(/"outcome":"refused"/);
    expect(text.toLowerCase()).not.toMatch(/tok-5f9|acme-7731/);
  });
});
