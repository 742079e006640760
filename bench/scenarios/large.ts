import type { Scenario } from '../workload.ts';

const BYTES = 200 * 1024;
const MEGABYTE = 1_000_000;

/** Types that a rule book has in TypeScript. */
interface Types {
  readonly declarations: string;
  readonly order: string;
  readonly label: string;
}

const UNTYPED: Types = { declarations: '', order: '', label: '' };
const TYPED: Types = {
  declarations: `
interface Order { quantity: number; price: number; region: string }
type Label = { id: number; label: string; amount: number };
enum Discount { None = 0, Bulk = 0.1 }
`,
  order: ': Order',
  label: ': Label',
};

/** A rule book, like the output of a code generator or bundler; an execution uses three of its rules. */
function ruleBook(types: Types, bytes = BYTES): string {
  const rules: string[] = [types.declarations];
  for (let length = 0, n = 0; length < bytes - 200; n++) {
    const rule = `
function rule${n}({ quantity, price, region }${types.order})${types.label} {
  const base = quantity * price;
  if (region === 'r${n % 17}' && quantity > ${n % 50}) return { id: ${n}, label: 'bulk in r${n % 17}', amount: base * 0.9 };
  return { id: ${n}, label: 'list price', amount: base + ${n % 10} };
}
`;
    rules.push(rule);
    length += rule.length;
  }
  const count = rules.length - 1;
  rules.push(`
function main(order${types.order}) {
  return [rule0, rule${count >> 1}, rule${count - 1}].map((rule) => rule(order).label);
}

main(params);`);
  return rules.join('');
}

const SOURCE = ruleBook(UNTYPED);
const TYPED_SOURCE = ruleBook(TYPED);
const MEGABYTE_SOURCE = ruleBook(UNTYPED, MEGABYTE);

const common = {
  alone: false,
  params: { quantity: 60, price: 10, region: 'r0' },
  expected: () => '["bulk in r0","list price","list price"]',
  tenant: () => 'acme',
};

export const largeCold: Scenario = {
  ...common,
  name: 'large-cold',
  title: '200 KB, uncached',
  reuse: false,
  source: (index) => `/* ${index} */${SOURCE}`,
};

export const megabyteCold: Scenario = {
  ...common,
  name: 'megabyte-cold',
  title: '1 MB, uncached',
  reuse: false,
  // Commit 4565aa1 takes 256 KiB.
  contestants: ['copepod', 'isolated-vm', 'node-vm'],
  source: (index) => `/* ${index} */${MEGABYTE_SOURCE}`,
};

export const largeCached: Scenario = {
  ...common,
  name: 'large-cached',
  title: '200 KB, cached',
  reuse: true,
  source: () => SOURCE,
};

export const typescriptCold: Scenario = {
  ...common,
  name: 'typescript-cold',
  title: '200 KB of TypeScript, uncached',
  reuse: false,
  language: 'TypeScript',
  contestants: ['copepod', 'esbuild'],
  source: (index) => `/* ${index} */${TYPED_SOURCE}`,
};
