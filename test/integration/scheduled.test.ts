import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

const context = { execution: { type: 'cron' } } as const;
const params = { scheduledTime: '2027-03-27T01:30:00Z', cron: '30 2 * * *' };
const cron = { context, params };

describe('a handler of scheduled starts', () => {
  test('gets the time in milliseconds and the expression, and gives the result', async () => {
    const source = `export default {
      async scheduled(controller, env, ctx) {
        return { time: controller.scheduledTime, cron: controller.cron, env, retry: controller.noRetry(), ctx: typeof ctx.waitUntil };
      },
    };`;
    expect(await engine.result(source, cron)).toEqual({
      time: Date.UTC(2027, 2, 27, 1, 30),
      cron: '30 2 * * *',
      env: {},
      ctx: 'function',
    });
  });

  test('is called as a method of what is exported', async () => {
    const source = 'export default { name: "report", scheduled() { return this.name; } };';
    expect(await engine.result(source, cron)).toBe('report');
    const ofClass =
      'class Report { #name = "report"; scheduled() { return this.#name; } } export default new Report();';
    expect(await engine.result(ofClass, cron)).toBe('report');
  });

  test('may leave work to ctx.waitUntil, which the execution waits for, also where that adds more', async () => {
    const source = `const done = [];
      const later = async (name) => { await new Promise((go) => setTimeout(go, 5)); done.push(name); };
      export default {
        scheduled(controller, env, { waitUntil }) {
          waitUntil(later('first').then(() => waitUntil(later('second'))));
          return done;
        },
      };`;
    expect(await engine.result(source, cron)).toEqual(['first', 'second']);
  });

  test.each([
    ['it throws', 'export default {\n  scheduled() { throw new Error("no"); } };'],
    [
      'a promise given to waitUntil is rejected',
      'export default {\n  scheduled(c, e, ctx) { ctx.waitUntil((async () => { throw new Error("no"); })()); } };',
    ],
  ])('where %s, the execution ends with that error', async (_, source) => {
    const { reason, error } = await engine.run(source, cron);
    expect(reason).toBe('RuntimeError');
    expect(error).toMatchObject({ message: 'Error: no', line: 2 });
  });

  test('without a scheduled time gets the current one', async () => {
    const source =
      'export default { scheduled: ({ scheduledTime }) => Math.abs(Date.now() - scheduledTime) < 60_000 };';
    expect(await engine.result(source, { context })).toBe(true);
  });

  test('is not called for executions of other types: the object is the result', async () => {
    expect(await engine.result('export default { a: 1, scheduled() { return 2; } };', { params })).toEqual({ a: 1 });
  });

  test.each([
    ['a function', 'export default () => 3', 3],
    ['a value', 'export default { scheduled: "daily" }', { scheduled: 'daily' }],
    ['null', 'export default null', null],
  ])('is one of several forms; %s is taken as ever', async (_, source, result) => {
    expect(await engine.result(source, cron)).toEqual(result);
  });
});
