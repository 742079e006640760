import { type SoakScript, withMarks } from './script.ts';

const MEBIBYTE = 1 << 20;
const SHORT = { timeoutMs: 250 };
const SMALL = { memoryBytes: 24 * MEBIBYTE };

function hostile(name: string, reasons: SoakScript['reasons'], limits: SoakScript['limits'], body: string): SoakScript {
  return { name, hostile: true, language: 'JavaScript', limits, reasons, source: withMarks(body) };
}

/** Scripts that try to exceed their limits or to leave state behind. */
export const HOSTILE: readonly SoakScript[] = [
  hostile('infinite loop', ['TimeoutExceeded'], SHORT, 'for (;;);'),
  hostile('endless awaits', ['TimeoutExceeded'], SHORT, 'for (;;) await null;\nexport default 0;'),
  hostile('never settles', ['TimeoutExceeded'], SHORT, 'export default await new Promise(() => {});'),
  hostile(
    'burns the processor',
    ['CPUTimeExceeded'],
    { cpuTimeMs: 100 },
    'for (let n = 0; ; n = (n + 1) % 7919) if (n < 0) break;',
  ),
  hostile('backtracking regular expression', ['TimeoutExceeded'], SHORT, `/^(a+)+$/.test('a'.repeat(60) + 'b');`),
  hostile(
    'one native call that takes for ever',
    ['TimeoutExceeded', 'MemoryExceeded'],
    SHORT,
    'let huge = 3n;\nfor (;;) huge = huge ** 7n;',
  ),
  hostile(
    'array bomb',
    ['MemoryExceeded'],
    SMALL,
    'const hoard = [];\nfor (;;) hoard.push(new Array(10_000).fill(hoard.length));',
  ),
  hostile(
    'buffer bomb',
    ['MemoryExceeded'],
    SMALL,
    'const hoard = [];\nfor (;;) hoard.push(new Uint8Array(4 * 1024 * 1024).fill(1));',
  ),
  hostile(
    'string bomb',
    ['MemoryExceeded'],
    SMALL,
    `const hoard = [];
     const piece = 'x'.repeat(500_000);
     for (;;) hoard.push((piece + hoard.length).toUpperCase());`,
  ),
  hostile('log flood', ['TimeoutExceeded'], SHORT, `for (let n = 0; ; n++) console.log(n, 'x'.repeat(2000));`),
  hostile('giant result', ['ResultTooLarge'], {}, `'x'.repeat(1_000_000);`),
  hostile('deep recursion', ['RuntimeError'], {}, 'const deep = (n) => deep(n + 1) + 1;\ndeep(0);'),
  hostile(
    'deeply nested result',
    ['RuntimeError', 'ResultTooLarge'],
    {},
    'let nested = [];\nfor (let n = 0; n < 200_000; n++) nested = [nested];\nnested;',
  ),
  hostile(
    'throws a value full of traps',
    ['RuntimeError'],
    {},
    `throw new Proxy(function () {}, {
       get() { throw new Proxy({}, { get() { throw null; } }); },
       getPrototypeOf() { throw 1; },
       ownKeys() { throw 2; },
       getOwnPropertyDescriptor() { throw 3; },
     });`,
  ),
  hostile(
    'throws an error whose message never ends',
    ['RuntimeError', 'TimeoutExceeded'],
    SHORT,
    `throw Object.defineProperty(new Error(), 'message', { get() { for (;;); } });`,
  ),
  hostile(
    'rewrites what the host may touch',
    ['Completed', 'RuntimeError'],
    {},
    `const lie = () => { throw new Error('sabotage'); };
     JSON.stringify = () => '{"forged":true}';
     Object.defineProperty(Object.prototype, 'toJSON', { get: lie, configurable: true });
     Error.prepareStackTrace = lie;
     Array.prototype.push = lie;
     Array.prototype.map = lie;
     Promise.prototype.then = lie;
     Object.keys = lie;
     Symbol.for = lie;
     'done';`,
  ),
  hostile(
    'fetches without end',
    ['FetchBytesExceeded'],
    { fetchBytes: 200_000 },
    `const { body } = await fetch(params.api + '/endless', { headers: { 'x-tenant': context.tenant.id } });
     for await (const part of body) if (part.length === 0) throw new Error('empty');`,
  ),
  hostile(
    'waits for an answer',
    ['TimeoutExceeded'],
    SHORT,
    `await fetch(params.api + '/never', { headers: { 'x-tenant': context.tenant.id } });`,
  ),
  hostile(
    'leaves responses behind',
    ['Completed'],
    {},
    `for (let n = 0; n < 5; n++) await fetch(params.api + '/endless', { headers: { 'x-tenant': context.tenant.id } });`,
  ),
  hostile('fetches what no rule allows', ['RuntimeError'], {}, `await fetch('http://127.0.0.2/');`),
  hostile(
    'calls too often',
    ['APICallsExceeded'],
    {},
    `for (;;) await fetch(params.api + '/product', { headers: { 'x-tenant': context.tenant.id } });`,
  ),
];
