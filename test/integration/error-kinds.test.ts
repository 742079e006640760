import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

describe('errors of all kinds', () => {
  test.each<[string, string]>([
    ['new TypeError("x")', 'TypeError: x'],
    ['new Error()', 'Error'],
    ['new Error("")', 'Error'],
    ['new (class MyError extends Error { })("x")', 'Error: x'],
    ['new (class MyError extends Error { name = "MyError" })("x")', 'MyError: x'],
    ['new (class MyError extends Error { get name() { return "Own" } })("x")', 'Own: x'],
    [
      'new (class MyError extends Error { constructor() { super("x"); this.name = this.constructor.name } })()',
      'MyError: x',
    ],
    ['Object.assign(new Error("x"), { name: "" })', 'x'],
    ['Object.assign(new Error("x"), { name: 5 })', '5: x'],
    ['Object.assign(new Error("x"), { name: undefined })', 'x'],
    ['Object.assign(new Error(), { message: 5 })', 'Error: 5'],
    ['Object.assign(new Error("x"), { name: {}, message: [] })', ''],
    ['Object.freeze(new Error("x"))', 'Error: x'],
    ['new AggregateError([new Error("a"), new Error("b")], "both")', 'AggregateError: both'],
    ['Object.create(Error.prototype, { message: { value: "x" } })', 'Error: x'],
    ['new Error("multi\\nline")', 'Error: multi\nline'],
    ['new Error("ä€😀")', 'Error: ä€😀'],
    ['new Error("a\\0\\ud800")', 'Error: a\0\ufffd'],
  ])('%s', async (expression, message) => {
    const { reason, error } = await engine.run(`throw ${expression}`);
    expect(reason).toBe('RuntimeError');
    expect(error?.message).toBe(message);
  });

  test.each<[string, string]>([
    [
      'a getter of the message that throws',
      'throw Object.defineProperty(new Error(), "message", { get() { throw 1 } })',
    ],
    [
      'a getter of the stack that throws',
      'throw Object.defineProperty(new Error("x"), "stack", { get() { throw 1 } })',
    ],
    ['a stack that is no text', 'throw Object.assign(new Error("x"), { stack: { } })'],
    ['a stack of another place', 'throw Object.assign(new Error("x"), { stack: "Error\\n    at /etc/passwd:1:1" })'],
    ['a cause that throws', 'throw Object.defineProperty(new Error("x"), "cause", { get() { throw 1 } })'],
    ['a proxy for an error', 'throw new Proxy(new Error("x"), { get() { throw 1 } })'],
    [
      'a proxy for all',
      'throw new Proxy({}, { getPrototypeOf() { throw 1 }, get() { throw 1 }, ownKeys() { throw 1 } })',
    ],
    ['a revoked proxy', 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy'],
    [
      'its own text that throws',
      'throw { toString() { throw 1 }, [Symbol.toPrimitive]() { throw 1 }, get [Symbol.toStringTag]() { throw 1 } }',
    ],
    [
      'no limit to its trace',
      'Error.stackTraceLimit = Infinity; const f = (n) => { if (n) f(n - 1); else throw new Error("x") }; f(500)',
    ],
    ['no trace at all', 'Error.stackTraceLimit = 0; throw new Error("x")'],
    ['its own traces', 'Error.prepareStackTrace = () => { throw 1 }; throw new Error("x")'],
    ['other traces', 'Error.prepareStackTrace = (error, sites) => sites; throw new Error("x")'],
    ['a stack that ran out', 'const f = () => f(); f()'],
    ['a message of a megabyte', 'throw new Error("x".repeat(1 << 20))'],
    ['a changed Error', 'globalThis.Error = undefined; null.x'],
    [
      'changed built-ins',
      'Array.prototype.push = Object.keys = JSON.stringify = String.prototype.slice = () => { throw 1 }; throw new Error("x")',
    ],
  ])('hostile: %s', async (_, source) => {
    const { reason, error } = await engine.run(source);
    expect(reason).toBe('RuntimeError');
    expect(error?.message.length).toBeLessThanOrEqual(4096);
    expect(`${error?.stack}`).not.toMatch(/copepod:|node:/);
    expect(await engine.result('1')).toBe(1);
  });
});
