import type { Scenario } from '../workload.ts';
import { small } from './small.ts';

export const tenants: Scenario = {
  ...small,
  name: 'tenants',
  title: 'the price rule of twenty tenants in turn',
  alone: false,
  contestants: ['copepod', 'copepod-isolate'],
  tenant: (index) => `tenant-${index % 20}`,
};
