import type { Config } from 'jest';

const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } }],
  },
} satisfies Config;

const config: Config = {
  projects: [
    {
      ...shared,
      displayName: 'engine',
      testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/src/**/*.test.ts'],
      testPathIgnorePatterns: [
        '/node_modules/',
        '<rootDir>/test/(kubernetes|e2e|keda|collector|cronjobs|helm|prometheus)/',
      ],
    },
    // The set-up starts an API server, and only where a test of this project runs.
    {
      ...shared,
      displayName: 'kubernetes',
      testMatch: ['<rootDir>/test/kubernetes/**/*.test.ts'],
      globalSetup: '<rootDir>/test/api-server/jest-setup.ts',
      globalTeardown: '<rootDir>/test/api-server/jest-teardown.ts',
    },
  ],
  testTimeout: 60_000,
  maxWorkers: 2,
};

export default config;
