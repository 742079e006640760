import type { Scenario } from '../workload.ts';

const BYTES = 200 * 1024;

/** A rule book of 200 KB, like the output of a code generator or bundler; an execution uses three of its rules. */
function ruleBook(): string {
  const rules: string[] = [];
  for (let length = 0, n = 0; length < BYTES - 200; n++) {
    const rule = `
function rule${n}({ quantity, price, region }) {
  const base = quantity * price;
  if (region === 'r${n % 17}' && quantity > ${n % 50}) return { id: ${n}, label: 'bulk in r${n % 17}', amount: base * 0.9 };
  return { id: ${n}, label: 'list price', amount: base + ${n % 10} };
}
`;
    rules.push(rule);
    length += rule.length;
  }
  const count = rules.length;
  rules.push(`
function main(order) {
  return [rule0, rule${count >> 1}, rule${count - 1}].map((rule) => rule(order).label);
}

main(params);`);
  return rules.join('');
}

const SOURCE = ruleBook();

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

export const largeCached: Scenario = {
  ...common,
  name: 'large-cached',
  title: '200 KB, cached',
  reuse: true,
  source: () => SOURCE,
};
