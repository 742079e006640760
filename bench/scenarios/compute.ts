import type { Scenario } from '../workload.ts';

const SOURCE = `function fib(n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

function main({ n }) {
  return fib(n);
}

main(params);`;

export const compute: Scenario = {
  name: 'compute',
  title: 'fib(27): half a million calls',
  reuse: true,
  alone: false,
  params: { n: 27 },
  source: () => SOURCE,
  expected: () => '196418',
  tenant: () => 'acme',
};
