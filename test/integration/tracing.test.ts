import { describe, expect, test } from '@jest/globals';
import type { SpanRecord } from '../../src/api/span.ts';
import type { ExecuteOptions, HostBridge } from '../../src/index.ts';
import { GivenValues, parseTraceparent } from '../../src/index.ts';
import { engineForTests } from './support/engine.ts';

const SECRET = 'hunter2-hunter2';
const engine = engineForTests({
  pool: { size: 2 },
  limits: { apiCalls: 1000 },
  values: new GivenValues({ secrets: { crm: { token: SECRET } } }),
});
const CALLER = '00f067aa0ba902b7';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const trace = parseTraceparent(`00-${TRACE}-${CALLER}-01`) as NonNullable<ExecuteOptions['trace']>;
const setup = (host: HostBridge): void => host.expose('lookup', ({ traceparent }) => traceparent ?? 'none');

/** Each span as the path of names that leads to it. */
function paths(spans: readonly SpanRecord[] = []): string[] {
  const byID = new Map(spans.map((span) => [span.spanID, span]));
  const pathOf = ({ name, parentSpanID = '' }: SpanRecord): string => {
    const parent = byID.get(parentSpanID);
    return parent === undefined ? `${parentSpanID}/${name}` : `${pathOf(parent)}/${name}`;
  };
  return spans.map((span) => pathOf(span).replace(`${CALLER}/`, ''));
}

/** Paths of the spans of a script, below its own. */
async function scriptPaths(source: string): Promise<string[]> {
  const { spans, error } = await engine.run(source, { trace, setup });
  expect(error).toBeUndefined();
  return paths(spans)
    .filter((path) => path.startsWith('run/script/'))
    .map((path) => path.slice('run/script/'.length))
    .toSorted();
}

describe('an execution that is traced', () => {
  test('has its parts within what has asked for it, and each within the time of the one around it', async () => {
    const { spans = [] } = await engine.run('await lookup(1)', { trace, setup });

    expect(paths(spans)).toEqual(
      expect.arrayContaining(['run', 'run/wait for VM', 'run/script', 'run/script/call lookup']),
    );
    const byID = new Map(spans.map((span) => [span.spanID, span]));
    for (const span of spans) {
      const parent = byID.get(span.parentSpanID ?? '');
      if (parent === undefined) continue;
      expect(span.startMs).toBeGreaterThanOrEqual(parent.startMs);
      expect(span.endMs).toBeLessThanOrEqual(parent.endMs);
    }
  });

  test('gives its host functions what continues their span', async () => {
    const { result, spans } = await engine.run('await lookup(1)', { trace, setup });
    const call = spans?.find(({ name }) => name === 'call lookup');
    expect(result).toBe(`00-${TRACE}-${call?.spanID}-01`);
  });

  test.each([
    ['throws', 'throw new Error("no")', 'RuntimeError'],
    ['does not compile', 'let let', 'CompilationError'],
    ['takes too long', 'tracing.startSpan("unended"); for (;;);', 'TimeoutExceeded'],
  ])('says so where its script %s', async (_what, source, reason) => {
    const { spans } = await engine.run(source, { trace, limits: { timeoutMs: 1000 } });
    const run = spans?.find(({ name }) => name === 'run');
    expect(run).toMatchObject({
      error: expect.any(String),
      attributes: { 'copepod.reason': reason, 'error.type': reason },
    });
  });

  test.each([
    ['no trace', undefined],
    ['a trace that is not recorded', { ...trace, isSampled: false }],
  ])('has no spans with %s, and the script is none the wiser', async (_what, given) => {
    const source = 'tracing.enterSpan("a", (span) => [span.isTraced, span.setAttribute("b", 1) === span])';
    const options = given === undefined ? {} : { trace: given };
    const outcome = await engine.run(source, options);
    expect(outcome.result).toEqual([false, true]);
    expect(outcome.spans).toBeUndefined();
  });
});

describe('tracing', () => {
  test('is a global of the script, which may have a variable of that name', async () => {
    expect(await engine.result('typeof tracing.enterSpan')).toBe('function');
    expect(await engine.result('const tracing = 7; tracing')).toBe(7);
    expect(await engine.result('tracing = 8; tracing')).toBe(8);
  });

  test('nests spans over awaits, beside each other, and what is called in them', async () => {
    const source = `
      await Promise.all([1, 2].map((n) => tracing.enterSpan("load " + n, async () => { await lookup(n); })));
      await tracing.enterSpan("outer", async () => {
        await 1;
        await tracing.enterSpan("inner", async () => { await 1; await lookup(3); });
        await lookup(4);
      });
      await lookup(5);`;
    expect(await scriptPaths(source)).toEqual([
      'call lookup',
      'load 1',
      'load 1/call lookup',
      'load 2',
      'load 2/call lookup',
      'outer',
      'outer/call lookup',
      'outer/inner',
      'outer/inner/call lookup',
    ]);
  });

  test('gives back what the callback gives, and throws what it throws', async () => {
    const source = `
      const thrown = [];
      try { tracing.enterSpan("a", () => { throw new Error("now") }) } catch (error) { thrown.push(error.message) }
      try { await tracing.enterSpan("b", async () => { throw new Error("later") }) } catch (error) { thrown.push(error.message) }
      [tracing.enterSpan("c", () => 1), await tracing.enterSpan("d", async () => 2), ...thrown]`;
    const { result, spans } = await engine.run(source, { trace });
    expect(result).toEqual([1, 2, 'now', 'later']);
    const errors = spans?.filter(({ byScript }) => byScript).map(({ name, error }) => [name, error]);
    expect(errors).toEqual([
      ['a', 'now'],
      ['b', 'later'],
      ['c', undefined],
      ['d', undefined],
    ]);
  });

  test('takes strings, numbers and booleans as attributes, of a span and of the script itself', async () => {
    const source = `
      const span = tracing.startSpan("a").setAttributes({ text: "t", count: 3, yes: true, none: undefined, nan: NaN });
      span.setAttribute("count", 4).end();
      span.setAttribute("late", 1);
      tracing.getActiveSpan().setAttribute("order.id", "7");`;
    const { spans } = await engine.run(source, { trace });
    const attributesOf = (name: string) => spans?.find((span) => span.name === name)?.attributes;
    expect(attributesOf('a')).toEqual({ text: 't', count: 4, yes: true, nan: 'NaN' });
    expect(attributesOf('script')).toEqual({ 'order.id': '7' });
  });

  test('makes a text of a number that a collector cannot read: OTLP in JSON has integers of 64 bits', async () => {
    const given =
      '{ safe: 2 ** 53 - 1, less: 1 - 2 ** 53, half: 0.5, unsafe: 2 ** 53, below: -(2 ** 53), huge: 1e300 }';
    const { spans } = await engine.run(`tracing.startSpan("a").setAttributes(${given}).end()`, { trace });
    expect(spans?.find(({ name }) => name === 'a')?.attributes).toEqual({
      safe: 2 ** 53 - 1,
      less: 1 - 2 ** 53,
      half: 0.5,
      unsafe: '9007199254740992',
      below: '-9007199254740992',
      huge: '1e+300',
    });
  });

  test.each([
    ['tracing.startSpan()', 'startSpan: 1 argument required, 0 present'],
    ['tracing.startSpan("")', 'the name of a span is empty'],
    ['tracing.enterSpan("a", 7)', 'enterSpan: the second argument is not a function'],
    ['tracing.startSpan("a").setAttribute("b", {})', 'an attribute of a span is a string, a number or a boolean'],
    [
      'tracing.startSpan("a").setAttribute("k8s.pod.name", "b")',
      'attributes of that name are set by the platform: k8s.pod.name',
    ],
  ])('refuses %s, also where nothing is traced', async (source, message) => {
    for (const options of [{ trace }, {}]) {
      const { error } = await engine.run(source, options);
      expect(error?.message).toContain(message);
    }
  });

  test('keeps no secret values', async () => {
    const env = [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'crm', key: 'token' } } }];
    const source = `
      tracing.enterSpan("with " + env.TOKEN, (span) => span.setAttribute("token", "Bearer " + env.TOKEN));
      try { tracing.enterSpan("failing", () => { throw new Error(env.TOKEN) }) } catch {}`;
    const { spans, error } = await engine.run(source, { trace, env });
    expect(error).toBeUndefined();
    expect(spans?.filter(({ byScript }) => byScript)).toHaveLength(2);
    expect(JSON.stringify(spans)).not.toContain(SECRET);
  });

  test('is bounded: a script that makes more spans than are kept runs on, and it is said how many are missing', async () => {
    const source = `
      for (let i = 0; i < 500; i++) tracing.enterSpan("s".repeat(5000), (span) => {
        for (let j = 0; j < 40; j++) span.setAttribute("a" + j % 32, "x".repeat(5000));
      });
      for (let i = 0; i < 200; i++) await lookup(i);
      "done"`;
    const { result, spans = [] } = await engine.run(source, { trace, setup });
    expect(result).toBe('done');
    expect(Buffer.byteLength(JSON.stringify(spans))).toBeLessThanOrEqual(64 << 10);
    expect(spans.find(({ name }) => name === 'run')?.attributes['copepod.spans.dropped']).toBeGreaterThan(0);
  });

  test('cannot be turned against the platform by what a script does to built-ins', async () => {
    const source = `
      tracing;
      Array.prototype[Symbol.iterator] = () => { throw 1 }; Object.prototype.error = "forged";
      Object.prototype.toJSON = () => ({ attributes: { "service.name": "x" } });
      JSON.stringify = () => '{"attributes":{"service.name":"x"}}';
      Promise.prototype.then = () => { throw 2 }; Reflect.apply = () => { throw 3 };
      tracing.enterSpan("a", (span) => { span.setAttribute("b", 1) }); "x"`;
    const { result, spans } = await engine.run(source, { trace });
    expect(result).toBe('x');
    expect(spans?.find(({ name }) => name === 'a')).toMatchObject({ attributes: { b: 1 }, byScript: true });
    expect(JSON.stringify(spans)).not.toContain('service.name');
  });
});

describe('the spans of a module that stays evaluated', () => {
  test('are those of each request', async () => {
    const source = 'export default (request) => tracing.enterSpan("answer", () => new Response(request.url))';
    for (const url of ['https://a.example/1', 'https://a.example/2']) {
      const serve = { request: { url, method: 'GET', headers: [] }, respond: () => {}, module: 'm' };
      const { spans } = await engine.run(source, { trace, serve });
      expect(paths(spans).filter((path) => path.endsWith('answer'))).toEqual(['run/script/answer']);
    }
  });
});
