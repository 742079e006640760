import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import { Command, ROOT } from '../support/cli.ts';

let gateway: Command;
let url: string;

beforeAll(async () => {
  gateway = new Command(['gateway', '--local', '--port', '0']);
  url = await until('the gateway to listen', () => /MCP (http:\S+)/.exec(gateway.stderr)?.[1], {
    why: () => gateway.stderr,
  });
});
afterAll(async () => {
  gateway.child.kill('SIGTERM');
  await gateway.ended;
});

test('the server scenarios of the conformance suite of MCP pass, but for those about what is not offered', async () => {
  const suite = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/dist/index.js');
  const notOffered = join(ROOT, 'test/integration/mcp/not-offered.yaml');
  // By name: a scenario compares the host of the URL.
  const args = ['server', '--url', url.replace('127.0.0.1', 'localhost'), '--expected-failures', notOffered];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const run = promisify(execFile)(process.execPath, [suite, ...args], { env, timeout: 150_000, maxBuffer: 8 << 20 });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  const passed = [...stdout.matchAll(/^✓ (\S+): [1-9]\d* passed, 0 failed/gm)].map(([, name]) => name);
  expect(passed).toEqual([
    'server-initialize',
    'ping',
    'tools-list',
    'server-sse-multiple-streams',
    'dns-rebinding-protection',
  ]);
  // It fails for a failure that is not listed, and for a listed scenario that passes.
  await run;
}, 180_000);
