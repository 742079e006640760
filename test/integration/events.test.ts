/** Events and signals: scripts run in the sandbox and in this Node, whose answers must be the same. */
import { runInThisContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { engineForTests } from './support/engine.ts';

const engine = engineForTests();

async function sameAsNode(script: string): Promise<void> {
  const source = `(async () => { ${script} })()`;
  const inNode: unknown = JSON.parse(JSON.stringify(await runInThisContext(source)));
  expect(await engine.result(`await ${source}`)).toEqual(inNode);
}

const caught = (call: string): string =>
  `try { ${call}; return 'nothing' } catch (e) { return [e.name, e instanceof TypeError] }`;

describe('EventTarget and Event work as in Node', () => {
  test.each([
    `const seen = []; const t = new EventTarget(); t.addEventListener('a', (e) => seen.push(e.type, e.target === t, e.currentTarget === t, e.eventPhase)); seen.push(t.dispatchEvent(new Event('a'))); return seen`,
    `const seen = []; const t = new EventTarget(); const f = () => seen.push(1); t.addEventListener('a', f); t.addEventListener('a', f); t.addEventListener('a', f, { once: true }); t.dispatchEvent(new Event('a')); t.removeEventListener('a', f); t.dispatchEvent(new Event('a')); return seen`,
    `const seen = []; const t = new EventTarget(); t.addEventListener('a', { handleEvent(e) { seen.push(this === undefined, e.type) } }); t.dispatchEvent(new Event('a')); return seen`,
    `let n = 0; const t = new EventTarget(); t.addEventListener('a', () => n++, { once: true }); t.dispatchEvent(new Event('a')); t.dispatchEvent(new Event('a')); return n`,
    `let n = 0; const t = new EventTarget(); t.addEventListener('a', (e) => { n++; e.stopImmediatePropagation() }); t.addEventListener('a', () => n++); t.dispatchEvent(new Event('a')); return n`,
    `const t = new EventTarget(); t.addEventListener('a', (e) => e.preventDefault()); const e = new Event('a', { cancelable: true }); return [t.dispatchEvent(e), e.defaultPrevented, e.returnValue, t.dispatchEvent(new Event('a'))]`,
    `let n = 0; const c = new AbortController(); const t = new EventTarget(); t.addEventListener('a', () => n++, { signal: c.signal }); t.dispatchEvent(new Event('a')); c.abort(); t.dispatchEvent(new Event('a')); t.addEventListener('a', () => n++, { signal: c.signal }); t.dispatchEvent(new Event('a')); return n`,
    `const seen = []; const t = new EventTarget(); t.addEventListener('a', () => { seen.push(1); t.addEventListener('a', () => seen.push(2)) }, { once: true }); t.dispatchEvent(new Event('a')); t.dispatchEvent(new Event('a')); return seen`,
    `const e = new CustomEvent('a', { detail: { b: 1 }, bubbles: true, composed: true }); return [e.type, e.detail, e.bubbles, e.composed, e instanceof Event, new CustomEvent('b').detail]`,
    `const e = new Event('a'); return [e.isTrusted, e.target, e.currentTarget, e.eventPhase, e.composedPath(), e.cancelable, typeof e.timeStamp, Object.prototype.toString.call(e), Event.AT_TARGET]`,
    `class Mine extends EventTarget { go() { return this.dispatchEvent(new Event('go')) } } const m = new Mine(); let n = 0; m.addEventListener('go', () => n++); m.go(); return n`,
    caught('new Event()'),
    caught('new EventTarget().dispatchEvent({})'),
    caught('new EventTarget().addEventListener("a")'),
  ])('%s', sameAsNode);
});

describe('AbortController and AbortSignal work as in Node', () => {
  test.each([
    `const c = new AbortController(); const seen = []; c.signal.onabort = (e) => seen.push('on', e.isTrusted); c.signal.addEventListener('abort', () => seen.push('listener')); seen.push(c.signal.aborted); c.abort(); c.abort(); return [...seen, c.signal.aborted, c.signal.reason.name, c.signal.reason.code, c.signal.reason.message]`,
    `const c = new AbortController(); c.abort('why'); try { c.signal.throwIfAborted() } catch (e) { return e }`,
    `const s = AbortSignal.abort(); return [s.aborted, s.reason.name, AbortSignal.abort(5).reason]`,
    `const s = AbortSignal.timeout(5); await new Promise((r) => s.addEventListener('abort', r)); return [s.aborted, s.reason.name, s.reason.code]`,
    `const a = new AbortController(), b = new AbortController(); const any = AbortSignal.any([a.signal, b.signal]); const again = AbortSignal.any([any]); let n = 0; again.onabort = () => n++; b.abort('b'); a.abort('a'); return [any.reason, again.reason, n, AbortSignal.any([]).aborted, AbortSignal.any([AbortSignal.abort(1)]).reason]`,
    `const s = new AbortController().signal; s.onabort = 5; const five = s.onabort; s.onabort = () => {}; return [five, typeof s.onabort, s instanceof EventTarget]`,
    caught('new AbortSignal()'),
    caught('AbortSignal.any([1])'),
    caught('AbortSignal.any()'),
  ])('%s', sameAsNode);
});

describe('where Node departs from the standard, the standard is followed', () => {
  test.each<[string, unknown]>([
    ['new Event("a").NONE', 0],
    [
      'const t = new EventTarget(), e = new Event("a"); let r; t.addEventListener("a", () => { try { t.dispatchEvent(e) } catch (x) { r = x } }); t.dispatchEvent(e); r.name',
      'InvalidStateError',
    ],
    ['let r; try { AbortSignal.timeout(-1) } catch (e) { r = e.name } r', 'TypeError'],
    ['AbortSignal.name + Event.name', 'AbortSignalEvent'],
  ])('%s', async (source, expected) => {
    expect(await engine.result(source)).toBe(expected);
  });
});

describe('DOMException works as in Node', () => {
  test.each([
    `const e = new DOMException('m', 'AbortError'); return [e.name, e.message, e.code, String(e), e instanceof Error, Object.prototype.toString.call(e)]`,
    `const e = new DOMException(); return [e.name, e.message, e.code]`,
    `const e = new DOMException('m', { name: 'DataCloneError', cause: 5 }); return [e.name, e.code, e.cause]`,
    `return Object.keys(DOMException).sort()`,
  ])('%s', sameAsNode);

  test('an execution that it ends has its name and its place', async () => {
    const { error } = await engine.run('\nthrow new DOMException("m", "AbortError")');
    expect([error?.message, error?.line, error?.column]).toEqual(['AbortError: m', 2, 7]);
  });
});

describe('what nothing handles ends an execution', () => {
  test.each([
    ['reportError(new TypeError("x")); 1', 'TypeError: x'],
    [
      'const t = new EventTarget(); t.addEventListener("a", () => { throw new Error("x") }); t.dispatchEvent(new Event("a")); 1',
      'Error: x',
    ],
    ['AbortSignal.abort().throwIfAborted()', 'AbortError: This operation was aborted'],
  ])('%s', async (source, message) => {
    const { reason, error } = await engine.run(source);
    expect([reason, error?.message, error?.line]).toEqual(['RuntimeError', message, 1]);
  });
});

describe('names of the web platform', () => {
  test('can be declared, assigned and deleted like any other', async () => {
    expect(await engine.result('class Event {} typeof new Event()')).toBe('object');
    expect(await engine.result('var EventTarget = 5; EventTarget')).toBe(5);
    expect(await engine.result('const DOMException = 6; DOMException')).toBe(6);
    expect(await engine.result('globalThis.AbortSignal = 7; AbortSignal')).toBe(7);
    expect(await engine.result('delete globalThis.Event; typeof Event')).toBe('undefined');
    expect(await engine.result('Event === globalThis.Event && Event === self.Event && "Event" in globalThis')).toBe(
      true,
    );
  });

  test('navigator has a user agent', async () => {
    expect(await engine.result('navigator.userAgent')).toMatch(/^Copepod\/\d+\.\d+\.\d+$/);
  });
});
