import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

const lines = async (source: string): Promise<string[]> => {
  const { logs, error } = await engine.run(source);
  expect(error).toBeUndefined();
  return logs.map(({ message }) => message);
};

describe('timers', () => {
  test.each<[string, unknown]>([
    ['await new Promise((resolve) => setTimeout(resolve, 5, "late"))', 'late'],
    ['await new Promise((resolve) => setTimeout(resolve))', undefined],
    ['await new Promise((resolve) => setTimeout(resolve, "1", 7))', 7],
    ['[typeof setTimeout(() => {}), setInterval(() => {}) > 0]', ['number', true]],
    [
      'let n = 0; await new Promise((resolve) => { const id = setInterval(() => { if (++n === 3) { clearInterval(id); resolve() } }, 1) }); n',
      3,
    ],
    [
      'let n = 0; const id = setTimeout(() => n++, 1); clearTimeout(id); await new Promise((resolve) => setTimeout(resolve, 5)); n',
      0,
    ],
    [
      'let n = 0; const id = setTimeout(() => n++, 1); clearInterval(id); clearTimeout(); clearTimeout({}); await new Promise((resolve) => setTimeout(resolve, 5)); n',
      0,
    ],
    ['await new Promise((resolve) => setTimeout(function () { resolve(this === globalThis) }))', true],
    ['export default () => new Promise((resolve) => setTimeout(() => resolve("handler"), 1))', 'handler'],
    ['await new Promise((resolve) => queueMicrotask(() => resolve(1)))', 1],
    ['const f = setTimeout; let setInterval = f; await new Promise((resolve) => setInterval(resolve, 1, 2))', 2],
    ['var setTimeout = 5; setTimeout', 5],
    ['setTimeout.name + setInterval.length + setTimeout.length', 'setTimeout11'],
  ])('%s', async (source, expected) => {
    expect(await engine.result(source)).toEqual(expected);
  });

  test('fire in the order in which they are due, and microtasks between them', async () => {
    const source = `
      const log = (text) => () => { console.log(text); Promise.resolve().then(() => console.log(text + "'")) };
      setTimeout(log("third"), 20); setTimeout(log("first"), 1); setTimeout(log("second"), 1);
      queueMicrotask(log("microtask")); console.log("script");
      await new Promise((resolve) => setTimeout(resolve, 21))`;
    expect(await lines(source)).toEqual([
      'script',
      'microtask',
      "microtask'",
      'first',
      "first'",
      'second',
      "second'",
      'third',
      "third'",
    ]);
  });

  test('wait as long as they say', async () => {
    const waited = await engine.result(
      'const start = Date.now(); await new Promise((resolve) => setTimeout(resolve, 30)); Date.now() - start',
    );
    expect(waited).toBeGreaterThanOrEqual(29);
  });

  test('fire while a host function is at work, and the other way round', async () => {
    const answered = Promise.withResolvers<string>();
    const result = await engine.result(
      `const answer = slow(); let ticks = 0; const id = setInterval(() => { if (++ticks === 3) go() }, 1);
       const text = await answer; clearInterval(id); [text, ticks >= 3]`,
      {
        setup(host) {
          host.expose('slow', () => answered.promise);
          host.expose('go', async () => {
            answered.resolve('done');
            return null;
          });
        },
      },
    );
    expect(result).toEqual(['done', true]);
  });

  test('a time-out wins a race against a host function that does not answer', async () => {
    const source = 'await Promise.race([never(), new Promise((resolve) => setTimeout(resolve, 5, "late"))])';
    const setup = {
      setup: (host: { expose(name: string, f: () => Promise<never>): void }) =>
        host.expose('never', () => new Promise<never>(() => {})),
    };
    expect(await engine.result(source, setup)).toBe('late');
  });
});

describe('an execution ends', () => {
  test.each(['setTimeout(() => console.log("late"), 100_000); 1', 'setInterval(() => console.log("late"), 1); 1'])(
    'with its result, whatever timers are left: %s',
    async (source) => {
      const { reason, result, logs } = await engine.run(source);
      expect({ reason, result, logs }).toEqual({ reason: 'Completed', result: 1, logs: [] });
    },
  );

  test.each<[string, string, string]>([
    ['await new Promise(() => {\nsetTimeout(() => { throw new Error("x") }, 1) })', 'Error: x', '2:26'],
    ['await new Promise(() => {\nsetTimeout(() => { throw "text" }, 1) })', "Uncaught 'text'", '2:26'],
    ['await new Promise(() => {\nsetTimeout(() => nope(), 1) })', 'ReferenceError: nope is not defined', '2:18'],
    ['await new Promise(() => {\nsetTimeout(async () => { await 1; throw new Error("x") }, 1) })', 'Error: x', '2:41'],
    ['await new Promise(() => {\nqueueMicrotask(() => { throw new TypeError("x") }) })', 'TypeError: x', '2:30'],
    ['await new Promise(() => {\nsetTimeout(() => { Promise.reject(new Error("x")) }, 1) })', 'Error: x', '2:35'],
  ])('with what a callback throws, and its place: %s', async (source, message, place) => {
    const { reason, error } = await engine.run(source);
    expect({ reason, message: error?.message, place: `${error?.line}:${error?.column}` }).toEqual({
      reason: 'RuntimeError',
      message,
      place,
    });
  });

  test('as never settled once its last timer has fired', async () => {
    const { reason, logs } = await engine.run('setTimeout(() => console.log("last"), 1); await new Promise(() => {})');
    expect({ reason, lines: logs.map(({ message }) => message) }).toEqual({
      reason: 'TimeoutExceeded',
      lines: ['last'],
    });
  });

  test.each(['setTimeout("1")', 'setInterval()', 'queueMicrotask({})', 'setTimeout(() => {}, 1n)'])(
    'with a TypeError: %s',
    async (source) => {
      const { error } = await engine.run(source);
      expect(error?.message).toMatch(/^TypeError: /);
    },
  );
});
