import type { Config } from 'jest';

/** Tests on a real cluster: `make e2e`, which brings one up where there is none. */
const config: Config = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } }],
  },
  testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
  globalSetup: '<rootDir>/test/e2e/support/set-up.ts',
  globalTeardown: '<rootDir>/test/e2e/support/tear-down.ts',
  testTimeout: 180_000,
  maxWorkers: 2,
};

export default config;
