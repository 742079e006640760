import type { Scenario } from '../workload.ts';
import { small } from './small.ts';

export const tenants: Scenario = {
  ...small,
  name: 'tenants',
  title: 'the price rule of twenty tenants in turn',
  alone: false,
  contestants: ['copepod', 'copepod-isolate', 'copepod-4565aa1', 'workerd-load', 'secure-exec'],
  tenant: (index) => `tenant-${index % 20}`,
};
