import { describe, expect, test } from '@jest/globals';
import { bareExecution, objectName } from '../../../src/cli/input/bare-script.ts';
import { HostFunctions } from '../../../src/runtime/host-calls.ts';
import { setupOf } from '../../../src/runtime/host-functions-file.ts';

describe('the name of a bare script', () => {
  test.each([
    ['hello.js', 'hello'],
    ['rules/Price Rule.ts', 'price-rule'],
    ['Über_Größe.mjs', 'uber-gro-e'],
    ['v1.2.js', 'v1-2'],
    ['--a--.js', 'a'],
    ['日本.js', 'script'],
    [`${'x'.repeat(100)}.js`, 'x'.repeat(56)],
  ])('%s is %s', (file, name) => {
    expect(objectName(file)).toBe(name);
  });

  test('gets a number if it is taken', () => {
    const taken = new Set(['rule']);
    const names = ['a/rule.js', 'b/rule.ts'].map((file) => {
      const result = bareExecution(file, '1', 'ns', taken);
      return 'execution' in result ? result.execution.metadata.name : '';
    });
    expect(names).toEqual(['rule-2', 'rule-3']);
  });
});

describe('a module of host functions', () => {
  const fn = () => 1;

  test.each<[string, Record<string, unknown>, string[]]>([
    ['functions by name', { a: fn, b: fn }, ['a', 'b']],
    ['objects as dotted names', { prices: { lookup: fn, by: { sku: fn } } }, ['prices.lookup', 'prices.by.sku']],
    ['no other exports', { a: fn, version: 1, none: null }, ['a']],
    ['a default export as the setup hook', { default: (host: HostFunctions) => host.expose('x.y', fn) }, ['x.y']],
    ['a default export of functions', { default: { a: fn } }, ['a']],
  ])('gives %s', (_, exports, names) => {
    const host = new HostFunctions();
    setupOf(exports)(host);
    expect(host.names).toEqual(names);
  });

  test('calls a method on its object', async () => {
    const counter = {
      count: 41,
      next: function () {
        return ++this.count;
      },
    };
    const host = new HostFunctions();
    setupOf({ counter })(host);
    expect(await host.call('counter.next', '[]', {} as never)).toEqual({ ok: true, value: '42' });
  });

  test('ignores cycles', () => {
    const tools: Record<string, unknown> = { a: fn };
    tools.self = tools;
    const host = new HostFunctions();
    setupOf({ tools })(host);
    expect(host.names).toEqual(['tools.a']);
  });
});
