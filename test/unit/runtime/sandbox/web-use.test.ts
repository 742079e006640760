import { describe, expect, test } from '@jest/globals';
import { HANDLERS, MEMBERS } from '../../../../src/runtime/guest/web/names.ts';
import { webUse } from '../../../../src/runtime/sandbox/web-use.ts';

const { webNames: ALL } = webUse([{ code: 'globalThis', isStrict: true }]);

describe('the globals of the web platform that code may use', () => {
  test.each<[string, boolean, string]>([
    ['const items = params.items; items.length', false, ''],
    ['setTimeout(f, 1)', false, ';;'],
    ['mySetTimeout(setTimeouts)', false, ''],
    ['$setTimeout', false, ';;'],
    ['new EventTarget()', true, 'EventTarget;;'],
    ['new Response(atob(text)); onerror = f; new Headers(new Headers())', true, 'Headers,Response;atob;onerror'],
    ['globalThis[name]', true, ALL],
    ['self[name]', true, ALL],
    ['itself.value; selfish', true, ''],
    ['[].filter.constructor(text)()', true, ALL],
    ['eval(text)', true, ALL],
    ['set\\u0054imeout(f)', true, ALL],
    ['params["set\\x54imeout"]', true, ALL],
    ['this[name]', false, ALL],
    ['this.x = 1', true, ''],
    ['thistle', false, ''],
  ])('%s (strict: %p): %p', (code, isStrict, expected) => {
    expect(webUse([{ code, isStrict }]).webNames).toBe(expected);
  });

  test('are those of all files together', () => {
    const files = ['new Blob()', 'crypto', 'setTimeout(f)'].map((code) => ({ code, isStrict: true }));
    expect(webUse(files).webNames).toBe('Blob;crypto;');
    expect(webUse([...files, { code: 'eval(text)', isStrict: true }]).webNames).toBe(ALL);
  });

  test.each<[string, boolean]>([
    ['console.log(1)', true],
    ['log(consoles)', false],
    ['globalThis[name]', true],
    ['setTimeout(f, 1)', false],
  ])('of `console`: %s: %p', (code, expected) => {
    expect(webUse([{ code, isStrict: true }]).usesConsole).toBe(expected);
  });

  test('all are interfaces, other globals and handlers', () => {
    const [interfaces, members, handlers] = ALL.split(';');
    expect(interfaces?.split(',')).toEqual(expect.arrayContaining(['URL', 'Response', 'ReadableStream']));
    expect(members).toBe(MEMBERS.join());
    expect(handlers).toBe(HANDLERS.join());
  });
});
