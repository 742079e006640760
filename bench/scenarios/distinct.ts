import type { Scenario } from '../workload.ts';
import { PARAMS, RESULT, SOURCE } from './small.ts';

const SCRIPTS = Array.from({ length: 1000 }, (_, n) => `const SHOP = ${n};\n${SOURCE}`);

export const distinct: Scenario = {
  name: 'distinct',
  title: '1,000 distinct price rules in turn',
  reuse: true,
  alone: false,
  params: PARAMS,
  source: (index) => SCRIPTS[index % SCRIPTS.length] ?? SOURCE,
  expected: () => RESULT,
  tenant: () => 'acme',
};
