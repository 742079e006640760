import { expect, test } from '@jest/globals';
import { Egress } from '../../../../src/runtime/egress/egress.ts';
import type { ToolSource } from '../../../../src/runtime/tools/tool-source.ts';
import { Tools } from '../../../../src/runtime/tools/tools.ts';

const URL_OF_TOOLS = 'https://tools.example.com/';

/** A source that counts how often it is loaded, and sends nothing. */
class CountedSource implements ToolSource {
  readonly name: string;
  readonly tenants = [];
  readonly loadedFrom = { url: new URL(URL_OF_TOOLS), method: 'GET' };
  readonly maxAnswerBytes = 1;
  loads = 0;

  constructor(name: string) {
    this.name = name;
  }

  version(): undefined {}

  async load(): ReturnType<ToolSource['load']> {
    this.loads++;
    return { functions: new Map(), open: () => ({ call: async () => undefined, close: () => {} }) };
  }
}

const tenantNames = (count: number): string[] => Array.from({ length: count }, (_, index) => `tenant-${index}`);
const forTenants = (tenants: readonly string[]): Egress =>
  new Egress({ rules: tenants.map((tenant) => ({ hosts: ['tools.example.com'], tenants: [tenant] })) });

test.each([
  [2, 40],
  [16, 60],
])('%i tools with rules for %i tenants are not loaded again by what reads their problems', async (count, rules) => {
  const tenants = tenantNames(rules);
  const sources = Array.from({ length: count }, (_, index) => new CountedSource(`tool${index}`));
  const tools = new Tools(sources, forTenants(tenants));
  const loads = (): number => sources.reduce((sum, { loads }) => sum + loads, 0);
  tools.warm();
  const last = tenants.at(-1) as string;
  await tools.offered(
    last,
    sources.map(({ name }) => name),
  );
  const before = loads();
  for (let times = 0; times < 10; times++) {
    expect(tools.problems()).toEqual([]);
    await tools.offered(
      last,
      sources.map(({ name }) => name),
    );
  }
  expect(loads()).toBe(before);
  expect(before).toBeLessThanOrEqual(count * rules);
});

test('a tool that executions use is kept, however many others are used beside it', async () => {
  const tenants = tenantNames(60);
  const sources = ['often', 'a', 'b', 'c'].map((name) => new CountedSource(name));
  const tools = new Tools(sources, forTenants(tenants));
  for (const tenant of tenants) {
    await tools.offered('tenant-0', ['often']);
    await tools.offered(tenant, ['a b c']);
  }
  expect(sources[0]?.loads).toBe(1);
});
