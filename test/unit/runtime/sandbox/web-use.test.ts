import { describe, expect, test } from '@jest/globals';
import { mayUseWeb } from '../../../../src/runtime/sandbox/web-use.ts';

describe('code that may use the web platform', () => {
  test.each<[string, boolean, boolean]>([
    ['const items = params.items; items.length', false, false],
    ['setTimeout(f, 1)', false, true],
    ['mySetTimeout(setTimeouts, $setTimeout, setTimeout$)', false, false],
    ['new EventTarget()', true, true],
    ['globalThis[name]', true, true],
    ['self[name]', true, true],
    ['itself.value; selfish', true, false],
    ['[].filter.constructor(text)()', true, true],
    ['eval(text)', true, true],
    ['set\\u0054imeout(f)', true, true],
    ['params["set\\x54imeout"]', true, true],
    ['this[name]', false, true],
    ['this.x = 1', true, false],
    ['thistle', false, false],
  ])('%s (strict: %p): %p', (code, isStrict, expected) => {
    expect(mayUseWeb(code, isStrict)).toBe(expected);
  });
});
