/** How to reach the API server of this test run, as its administrator. */
export interface Connection {
  url: string;
  token: string;
  /** PEM. */
  certificateAuthority: string;
  /** The server's version, `v1.36.3` say. */
  version: string;
  readyAfterMs: number;
  /** Holds `kubeconfig`, `audit.log` (one JSON event a line) and the logs; gone when the server ends. */
  directory: string;
}

const VARIABLE = 'COPEPOD_TEST_API_SERVER';

/** Hands the connection to the processes that Jest starts after this. */
export function publishConnection(connection: Connection): void {
  process.env[VARIABLE] = JSON.stringify(connection);
}

/** The connection that the global set-up published. Throws in a test that runs without it. */
export function currentConnection(): Connection {
  const value = process.env[VARIABLE];
  if (!value)
    throw new Error('No API server for tests was started: is this test in the "kubernetes" project of jest.config.ts?');
  return JSON.parse(value) as Connection;
}
