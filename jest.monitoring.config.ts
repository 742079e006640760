import type { Config } from 'jest';
import config from './jest.config.ts';

const [, kubernetes] = config.projects as [object, object];

/**
 * Alerts with promtool, and dashboards with a Prometheus that scrapes real processes. Both programs are built from source the
 * first time, which takes too long for `make test`. `make test-monitoring`
 */
export default {
  ...kubernetes,
  displayName: 'monitoring',
  testMatch: ['<rootDir>/test/prometheus/**/*.test.ts'],
  testTimeout: 60_000,
  maxWorkers: 1,
} as Config;
