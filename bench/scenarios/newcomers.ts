import type { Scenario } from '../workload.ts';
import { small } from './small.ts';

/** Twenty tenants find their processes again, which are kept; a process for each execution is what this measures. */
export const newcomers: Scenario = {
  ...small,
  name: 'newcomers',
  title: 'the price rule, each execution the first of its tenant',
  alone: false,
  contestants: ['copepod', 'copepod-isolate', 'copepod-4565aa1', 'workerd-load', 'secure-exec'],
  tenant: (index) => `tenant-${index}`,
};
