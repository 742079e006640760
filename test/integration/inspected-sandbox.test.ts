import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Runtime, type RuntimeOptions } from '../../src/index.ts';
import { ContainedProcesses } from '../../src/runtime/contained-processes.ts';
import { forDebugger } from '../../src/runtime/inspection/for-debugger.ts';
import { InspectedProcesses } from '../../src/runtime/inspection/inspected-processes.ts';
import { DebuggerClient } from '../support/debugger-client.ts';
import { engineForTests } from './support/engine.ts';

// A process under a debugger is slower to start, on a machine whose cores may be busy.
jest.setTimeout(120_000);

const OPTIONS: RuntimeOptions = { limits: { timeoutMs: 60_000, cpuTimeMs: 60_000, memoryBytes: 512 << 20 } };
const plain = engineForTests(OPTIONS);
let inspected: Runtime;
const clients: Promise<DebuggerClient>[] = [];

/** The process that ran last. */
let pid = 0;

beforeAll(async () => {
  const processes = new InspectedProcesses(new ContainedProcesses('IfAvailable'), {
    port: 0,
    breaksAtStart: false,
    // After a run that leaves something behind there is another process.
    onListening: (url) => void clients.push(DebuggerClient.attach(url)),
  });
  const pool = { size: 1, lazy: true, spares: 0, seccomp: 'IfAvailable' } as const;
  const observer = {
    executionStarted: (event: { readonly pid: number }) => {
      pid = event.pid;
    },
  };
  inspected = new Runtime({ ...OPTIONS, pool, observer }, processes, (source, answer) =>
    forDebugger(source, answer, (name) => `file:///project/${name}`),
  );
});
afterAll(async () => {
  await inspected?.close();
  for (const { value: client } of (await Promise.allSettled(clients)).filter(isFulfilled)) client[Symbol.dispose]();
});

const isFulfilled = (settled: PromiseSettledResult<DebuggerClient>) => settled.status === 'fulfilled';

/** Scripts whose ends show how values, errors, promises and modules cross the boundary of an isolate. */
const SCRIPTS: readonly (readonly [name: string, source: string])[] = [
  ['script.js', 'const list = [1, 2, 3]; console.log(list, new Map([[1, { a: [2] }]])); list.map((n) => n * 2)'],
  ['script.js', 'undefined'],
  ['script.js', 'function deep(n) { if (n === 0) throw new TypeError("bottom"); deep(n - 1); }\ndeep(3);'],
  ['script.js', 'class Odd extends Error { name = "Odd"; }\nthrow new Odd("own", { cause: new RangeError("inner") });'],
  ['script.js', 'throw { code: 7 };'],
  ['script.js', 'throw "text";'],
  ['script.js', 'const get = { get message() { throw 1; } }; throw get;'],
  ['script.js', 'Promise.reject(new Error("nobody handles it"));\n1'],
  ['script.js', 'const late = Promise.reject(new Error("handled")); late.catch(() => {}); 2'],
  ['script.js', 'new Promise(() => {})'],
  ['script.js', 'setTimeout(() => { throw new Error("from a timer"); }, 1); new Promise(() => {})'],
  ['script.js', 'eval("1 + 1") + new Function("return 3")()'],
  [
    'script.js',
    'const made = [Function("return import(\\"fs\\")"), ...["return import(\\"fs\\")"].map(Function), () => eval("import(\\"fs\\")")];\nconst ends = await Promise.all(made.map((each) => each().catch((error) => error)));\nends.map((error) => [error instanceof Error, error.constructor === Error, String(error)])',
  ],
  [
    'module.mjs',
    'const error = await (0, eval)("import(\\"fs\\")").catch((error) => error);\nexport default [error.constructor === Error, String(error)];',
  ],
  [
    'script.js',
    'function down() { return down() + 1; }\ntry { down(); } catch (error) { error.constructor === RangeError; }',
  ],
  ['script.js', 'queueMicrotask(() => console.log("micro")); await null; console.log("after"); 3'],
  ['script.js', '(async () => { await 1; throw new Error("async"); })()'],
  [
    'module.mjs',
    'export default async ({ n }) => { console.warn("n", n); return { n, keys: Object.keys(globalThis).length > 0 }; };',
  ],
  ['module.mjs', 'const a = await Promise.resolve(4);\nexport default [a, import.meta.url, typeof require];'],
  ['module.mjs', 'await 1;\nthrow new Error("while it is evaluated");'],
  ['module.mjs', 'export default await import("./none.mjs").catch((error) => error.message);'],
  [
    'types.ts',
    'enum Kind { A = 2 }\ninterface N { n: number }\nexport default ({ n }: N): number => {\n  if (n > 100) throw new Error("never");\n  return n + Kind.A;\n};',
  ],
  ['types.ts', 'const n: number = JSON.parse("{");\nexport default n;'],
  [
    'web.mjs',
    'const bytes = new TextEncoder().encode("grüße"); export default [...bytes, new TextDecoder().decode(bytes), btoa("a")];',
  ],
  [
    'web.mjs',
    'const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("a")); export default new Uint8Array(hash).join();',
  ],
  [
    'web.mjs',
    'const text = await new Response(new Blob(["abc"]).stream().pipeThrough(new CompressionStream("gzip")).pipeThrough(new DecompressionStream("gzip"))).text(); export default text;',
  ],
  [
    'web.mjs',
    'const url = new URL("https://a.example/b?c=d#e"); url.searchParams.append("f", "ü"); export default [url.href, structuredClone({ a: new Date(0) })];',
  ],
  [
    'web.mjs',
    'export default await fetch("https://a.example/").catch((error) => [error.name, error.message, String(error.cause)]);',
  ],
];

test.each(SCRIPTS)('under a debugger as without: %s %s', async (name, source) => {
  const options = { params: { n: 5 } };
  const ends = [];
  for (const runtime of [plain.runtime, inspected]) {
    const { reason, result, error, logs } = await runtime.execute({ name, source }, options);
    const lines = logs.map(({ level, message }) => `${level} ${message}`);
    const { message, stack, file, line, column } = error ?? {};
    ends.push({ reason, result, lines, error: { message, stack, file, line, column } });
  }
  expect(ends[1]).toEqual(ends[0]);
});

test('one execution leaves nothing for the next', async () => {
  await inspected.execute('globalThis.left = 1; Array.prototype.left = 2; Object.prototype.toJSON = () => 3;');
  const { result } = await inspected.execute('[typeof left, [].left === undefined, { a: 1 }]');
  expect(result).toEqual(['undefined', true, { a: 1 }]);
});

test('a script has no way from what it is given to the process', async () => {
  const source = `
    const seen = [console.log, fetch, setTimeout, params, context, env, new TextEncoder().encode('a'), crypto.getRandomValues(new Uint8Array(1))];
    const makers = seen.map((value) => value.constructor?.constructor ?? Function);
    for (const make of makers) if (make !== Function) throw new Error('a constructor of another realm');
    makers.map((make) => make('return typeof process')())`;
  const { result, error } = await inspected.execute(source);
  expect({ error: error?.message, result }).toEqual({ error: undefined, result: Array(8).fill('undefined') });
});

const isLinux = process.platform === 'linux';
const filtered = `code outside of the context reaches no other process and changes no built-in${isLinux ? '' : ' (skipped: only Linux has the filter)'}`;

(isLinux ? test : test.skip)(filtered, async () => {
  await inspected.execute('1');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  expect(status.match(/^(NoNewPrivs|Seccomp):.*$/gm)).toEqual(['NoNewPrivs:\t1', 'Seccomp:\t2']);
  const client = await (clients.at(-1) as Promise<DebuggerClient>);
  const expression = `(() => {
    const codeOf = (call) => { try { call(); return 'done'; } catch (error) { return error.code ?? error.message; } };
    return [codeOf(() => process.kill(process.ppid, 0)), ...[Object, Function, Error].map((each) => Object.isFrozen(each.prototype))];
  })()`;
  const { result } = await client.send('Runtime.evaluate', { expression, returnByValue: true });
  expect((result as unknown as { value: unknown }).value).toEqual(['EPERM', true, true, true]);
});
