/** Address and credential of the test run's API server, as administrator. */
export interface Connection {
  url: string;
  token: string;
  /** PEM. */
  certificateAuthority: string;
  /** Server version, for example `v1.36.3`. */
  version: string;
  readyAfterMs: number;
  /** Contains `kubeconfig`, `audit.log` (one JSON event a line) and the logs; removed when the server exits. */
  directory: string;
}

const VARIABLE = 'COPEPOD_TEST_API_SERVER';

/** Passes the connection to the processes that Jest starts later. */
export function publishConnection(connection: Connection): void {
  process.env[VARIABLE] = JSON.stringify(connection);
}

/** The connection published by the global set-up. Throws in a test that runs without it. */
export function currentConnection(): Connection {
  const value = process.env[VARIABLE];
  if (!value)
    throw new Error('No API server for tests was started: is this test in the "kubernetes" project of jest.config.ts?');
  return JSON.parse(value) as Connection;
}
