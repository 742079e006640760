import { expect, test } from '@jest/globals';
import { Egress } from '../../../../src/runtime/egress/egress.ts';
import type { Catalog, ToolSource } from '../../../../src/runtime/tools/tool-source.ts';
import { Tools } from '../../../../src/runtime/tools/tools.ts';

const CATALOG: Catalog = {
  functions: new Map(),
  open: () => ({ call: async () => undefined, close: () => {} }),
};

function source(more: Partial<ToolSource>): ToolSource {
  return {
    name: 'shop',
    tenants: [],
    loadedFrom: undefined,
    maxAnswerBytes: 1024,
    version: () => undefined,
    load: async () => CATALOG,
    ...more,
  };
}

test('a tool whose code cannot be loaded has failed, and is loaded where its source has changed since', async () => {
  let version = 1;
  const prepare = async (): Promise<void> => {
    if (version === 1) throw new Error('Cannot find module');
  };
  const tools = new Tools([source({ version: () => version, prepare })], new Egress());
  tools.warm();

  expect(await tools.offered('acme', ['shop.getOrder()'])).toEqual([
    { name: 'shop', state: { error: 'it cannot be loaded' } },
  ]);
  expect(tools.problems()).toEqual([{ name: 'shop', message: 'it cannot be loaded' }]);

  version = 2;
  tools.problems();
  await new Promise((resolve) => setImmediate(resolve));
  expect(await tools.offered('acme', ['shop.getOrder()'])).toEqual([{ name: 'shop', state: { catalog: CATALOG } }]);
  expect(tools.problems()).toEqual([]);
});
