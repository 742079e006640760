import type { Config } from 'jest';
import config from './jest.config.ts';

const [, kubernetes] = config.projects as [object, object];

/** Schedules beside real CronJobs: a quarter of an hour by the clock, so not among the other tests. `make test-cronjobs` */
export default {
  ...kubernetes,
  displayName: 'cronjobs',
  testMatch: ['<rootDir>/test/cronjobs/**/*.test.ts'],
  // One file after another: the CronJob controller of one would start the CronJobs of another, whose controller is down.
  maxWorkers: 1,
} as Config;
