import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();
const sleep = (ms: number): string => `await new Promise((f) => setTimeout(f, ${ms}));`;

describe('a failure that nothing handles is an event first', () => {
  test.each([
    [
      'a rejection',
      `addEventListener('unhandledrejection', (e) => { seen.push(e.type, e.reason.message, e.promise instanceof Promise, e.target === globalThis, e.isTrusted); e.preventDefault() }); Promise.reject(new Error('lost'));`,
      ['unhandledrejection', 'lost', true, true, true],
    ],
    [
      'a rejection, by its handler',
      `onunhandledrejection = (e) => { seen.push(e.reason); return false }; Promise.reject('lost');`,
      ['lost'],
    ],
    [
      'a rejection with an object',
      `addEventListener('unhandledrejection', (e) => { seen.push(e.reason); e.preventDefault() }); Promise.reject({ code: 7 });`,
      [{ code: 7 }],
    ],
    [
      'a throw in a timer',
      `addEventListener('error', (e) => { seen.push(e.message, e.error.name, e.lineno > 0, e.filename); e.preventDefault() });\nsetTimeout(() => { throw new RangeError('late') });`,
      ['Uncaught RangeError: late', 'RangeError', true, 'script.js'],
    ],
    [
      'a throw in queueMicrotask',
      `onerror = (message, file, line, column, error) => { seen.push(message, error); return true }; queueMicrotask(() => { throw 5 });`,
      ['Uncaught 5', 5],
    ],
    [
      'a throw in a listener',
      `addEventListener('error', (e) => { seen.push(e.error); e.preventDefault() }); const t = new EventTarget(); t.addEventListener('a', () => { throw 1 }); t.dispatchEvent(new Event('a')); seen.push('on');`,
      [1, 'on'],
    ],
    [
      'reportError',
      `addEventListener('error', (e) => { seen.push(e.error); e.preventDefault() }); reportError(3); seen.push('on');`,
      [3, 'on'],
    ],
  ])('%s: cancelled, the execution goes on', async (_, source, expected) => {
    expect(await engine.result(`const seen = []; ${source} ${sleep(5)} seen`, { name: 'script.js' })).toEqual(expected);
  });

  test.each([
    [
      'a rejection',
      `addEventListener('unhandledrejection', () => console.log('seen')); Promise.reject(new Error('lost'));`,
      'Error: lost',
    ],
    [
      'a throw in a timer',
      `addEventListener('error', () => console.log('seen')); setTimeout(() => { throw new Error('late') });`,
      'Error: late',
    ],
    ['reportError', `onerror = () => console.log('seen'); reportError(new Error('told'));`, 'Error: told'],
    [
      'a listener that throws',
      `addEventListener('error', () => { console.log('seen'); throw new Error('worse') }); reportError(new Error('told'));`,
      'Error: worse',
    ],
  ])('%s: not cancelled, the execution ends', async (_, source, message) => {
    const { reason, error, logs } = await engine.run(`${source} ${sleep(50)}`);
    expect({ reason, message: error?.message }).toEqual({ reason: 'RuntimeError', message });
    expect(logs.map((line) => line.message)).toEqual(['seen']);
  });

  test('a script that throws ends with its error, whatever a listener cancels', async () => {
    const { reason, error } = await engine.run(
      `addEventListener('unhandledrejection', (e) => e.preventDefault());\nthrow new Error('mine')`,
    );
    expect({ reason, message: error?.message, line: error?.line }).toEqual({
      reason: 'RuntimeError',
      message: 'Error: mine',
      line: 2,
    });
  });

  test('a module is evaluated to its end', async () => {
    const source = `addEventListener('unhandledrejection', (e) => e.preventDefault()); Promise.reject(1);\nexport default () => 'done'`;
    expect(await engine.result(source)).toBe('done');
  });

  test('a module that throws ends with its error', async () => {
    const source = `addEventListener('unhandledrejection', (e) => e.preventDefault());\nexport default () => 'done';\nthrow new Error('mine')`;
    const { reason, error } = await engine.run(source);
    expect({ reason, message: error?.message, line: error?.line }).toEqual({
      reason: 'RuntimeError',
      message: 'Error: mine',
      line: 3,
    });
  });

  test('a result that is there stays where a late rejection is cancelled', async () => {
    expect(
      await engine.result(
        `addEventListener('unhandledrejection', (e) => e.preventDefault()); Promise.reject(1); 'done'`,
      ),
    ).toBe('done');
  });
});

describe('ctx.waitUntil keeps an execution', () => {
  test('until its promises are fulfilled, those that come meanwhile too', async () => {
    const { result, logs } = await engine.run(
      `export default (params, context, ctx) => { ctx.waitUntil(new Promise((f) => setTimeout(() => { console.log('first'); ctx.waitUntil(new Promise((g) => setTimeout(() => { console.log('second'); g() }, 5))); f() }, 5))); return 'result' }`,
    );
    expect([result, ...logs.map((line) => line.message)]).toEqual(['result', 'first', 'second']);
  });

  test('and ends it where one is rejected', async () => {
    const { reason, error } = await engine.run(
      `export default (p, c, ctx) => { ctx.waitUntil(Promise.reject(new Error('behind'))); return 1 }`,
    );
    expect([reason, error?.message]).toEqual(['RuntimeError', 'Error: behind']);
  });

  test('not beyond its limits', async () => {
    const { reason } = await engine.run(
      `export default (p, c, ctx) => { ctx.waitUntil(new Promise((f) => setTimeout(f, 1e8))); return 1 }`,
      { limits: { timeoutMs: 200 } },
    );
    expect(reason).toBe('TimeoutExceeded');
  });
});
