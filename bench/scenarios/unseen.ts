import type { Scenario } from '../workload.ts';
import { small } from './small.ts';

/** One of so many executions is the first of a tenant; the others are of tenants that have processes. */
const EVERY = 100;
const isUnseen = (index: number): boolean => index % EVERY === 0;

export const unseen: Scenario = {
  ...small,
  name: 'unseen',
  title: `the first execution of a tenant, one of ${EVERY}, while the others are busy`,
  alone: false,
  contestants: ['copepod', 'copepod-4565aa1'],
  tenant: (index) => (isUnseen(index) ? `unseen-${index}` : 'acme'),
  measured: isUnseen,
};
