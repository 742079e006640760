import type { Config } from 'jest';
import monitoring from './jest.monitoring.config.ts';

/** Traces with a real OpenTelemetry Collector, which is built from source the first time. `make test-collector` */
export default {
  ...monitoring,
  displayName: 'collector',
  testMatch: ['<rootDir>/test/collector/**/*.test.ts'],
} as Config;
