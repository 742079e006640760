import type { Executor as TheirExecutor } from '@cloudflare/codemode';
import { createBrowserCodeTool } from '@cloudflare/codemode/browser';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CopepodExecutor, type Executor } from '../../../src/codemode/index.ts';
import { createRuntime, type Runtime } from '../../../src/index.ts';

let runtime: Runtime;
let executor: CopepodExecutor;

beforeAll(() => {
  runtime = createRuntime({ pool: { size: 1 }, limits: { timeoutMs: 20_000, apiCalls: 5 } });
  executor = new CopepodExecutor({ runtime, context: { tenant: { id: 'acme' } } });
});
afterAll(() => runtime.close());

const add = async (args: unknown) => {
  const { a, b } = args as { a: number; b: number };
  return a + b;
};
const providers = () => [
  { name: 'codemode', fns: { 'add-numbers': add, fails: async () => Promise.reject(new Error('no such thing')) } },
];

test('its interface is that of the package', () => {
  const ours: Executor = executor;
  // The types decide: a changed interface does not compile.
  const theirs: TheirExecutor = ours as TheirExecutor;
  expect(theirs).toBe(executor);
});

describe('code, in each form that models write', () => {
  const call = 'await codemode.add_numbers({ a: 20, b: 22 })';
  test.each([
    ['an arrow function', `async () => ${call}`],
    ['one with a body, a comment and a semicolon', `// adds\nasync () => { const sum = ${call}; return sum; };`],
    ['a function with a name', `async function main() { return ${call}; }`],
    ['an expression', call],
    ['statements, of which the last is the result', `const sum = ${call};\nsum`],
    ['several calls', `${call}; ${call}`],
    ['the body of a function', `const sum = ${call};\nreturn sum;`],
    ['a module', `const sum = ${call};\nexport default async () => sum;`],
    ['TypeScript', `async (): Promise<number> => { const sum: number = ${call}; return sum; }`],
    ['a fenced block', `\`\`\`js\nasync () => ${call}\n\`\`\``],
  ])('%s', async (_form, code) => {
    expect(await executor.execute(code, providers())).toEqual({ result: 42, logs: [] });
  });

  test('nothing gives nothing', async () => {
    expect(await executor.execute('', [])).toEqual({ result: undefined, logs: [] });
  });
});

describe('what goes wrong is an error, with its place', () => {
  test.each([
    [
      'in a function',
      'async () => {\n  null.x;\n}',
      "TypeError: Cannot read properties of null (reading 'x') (line 2, column 8)",
    ],
    [
      'in statements',
      'const a = 1;\nnull.x',
      "TypeError: Cannot read properties of null (reading 'x') (line 2, column 6)",
    ],
    [
      'in a body',
      'if (true) {\n  null.x }\nreturn 1',
      "TypeError: Cannot read properties of null (reading 'x') (line 2, column 8)",
    ],
  ])('%s', async (_where, code, error) => {
    expect(await executor.execute(code, [])).toMatchObject({ result: undefined, error });
  });

  test('code that does not compile in any form', async () => {
    const { error } = await executor.execute('const = 1', []);
    expect(error).toMatch(/^SyntaxError: .*\(line 1, column \d+\)$/);
  });

  test('the error of a tool is caught by the code, and is the result where it is not', async () => {
    const caught = 'async () => { try { await codemode.fails() } catch (error) { return error.message } }';
    expect(await executor.execute(caught, providers())).toMatchObject({ result: 'no such thing' });
    expect((await executor.execute('async () => codemode.fails()', providers())).error).toContain('no such thing');
  });

  test('a limit of the runtime, with what the code has logged', async () => {
    const code =
      'async () => { console.log("a"); console.warn("b"); for (;;) await codemode.add_numbers({ a: 1, b: 1 }) }';
    const { error, logs } = await executor.execute(code, providers());
    expect(error).toMatch(/5/);
    expect(logs).toEqual(['a', '[warn] b']);
  });

  test.each([
    ['a name that is no identifier', [{ name: 'a b', fns: {} }], {}, 'not a valid JavaScript identifier'],
    [
      'two of one name',
      [
        { name: 'a', fns: {} },
        { name: 'a', fns: {} },
      ],
      {},
      'Duplicate provider name',
    ],
    ['a name of the platform', [{ name: 'console', fns: { x: add } }], {}, 'console.x'],
    ['two tools that are called alike', [{ name: 'a', fns: { 'x-y': add, x_y: add } }], {}, 'a.x_y'],
    ['a prelude', [{ name: 'a', fns: {}, prelude: '1' }], {}, 'prelude'],
    ['connectors', [], { connectors: [{}] }, 'Connectors'],
  ])('providers with %s', async (_what, given, options, message) => {
    const { error } = await executor.execute('1', given, options);
    expect(error).toContain(message);
  });

  test('a runtime that is closed', async () => {
    const closed = createRuntime({ pool: { lazy: true } });
    await closed.close();
    expect((await new CopepodExecutor({ runtime: closed }).execute('1', [])).error).toContain('closed');
  });
});

test('several namespaces, positional arguments, and plain functions', async () => {
  const given = [
    { name: 'db', fns: { query: async (...args: unknown[]) => args } },
    { name: 'state', fns: { '2nd': async () => 2, delete: async () => 'gone' } },
  ];
  const code =
    'async () => [await db.query("select", [1]), await state._2nd(), await state.delete_(), context.tenant.id]';
  expect((await executor.execute(code, given)).result).toEqual([['select', [1]], 2, 'gone', 'acme']);
  expect((await executor.execute('async () => codemode.add({ a: 1, b: 2 })', { add })).result).toBe(3);
});

test('all code of an executor is cancelled by its signal', async () => {
  const abort = new AbortController();
  const cancelled = new CopepodExecutor({ runtime, signal: abort.signal });
  const hang = () =>
    new Promise<never>(() => {
      abort.abort();
    });
  expect(await cancelled.execute('async () => codemode.hang()', { hang })).toMatchObject({ error: 'Cancelled' });
});

describe("the package's own tool builder", () => {
  const tool = () =>
    createBrowserCodeTool({
      executor: executor as TheirExecutor,
      tools: {
        'get-weather': {
          description: 'Weather of a place',
          inputSchema: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
          execute: async ({ place }) => ({ place, degrees: 21 }),
        },
      },
    });

  test('describes the tools by the names that code calls them by', () => {
    expect(tool().description).toContain('get_weather: (input: GetWeatherInput)');
  });

  test('executes code, and throws what it throws', async () => {
    const code =
      'async () => { const { degrees } = await codemode.get_weather({ place: "Lisbon" }); console.log(degrees); return degrees * 2; }';
    expect(await tool().execute({ code })).toEqual({ result: 42, logs: ['21'] });
    await expect(tool().execute({ code: 'async () => { throw new Error("no") }' })).rejects.toThrow(/no \(line 1/);
  });
});
