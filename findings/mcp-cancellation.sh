#!/usr/bin/env bash
# @modelcontextprotocol/server 2.4.0 (`createMcpHandler` with its defaults, behind `toNodeHandler` of
# @modelcontextprotocol/node 2.1.2), called by the official clients: @modelcontextprotocol/client 2.4.0 and
# @modelcontextprotocol/sdk 1.32.2.
#
# Expected: a client that aborts a tool call ends the tool: its `signal` is aborted, as over stdio.
# What happens: it does so for clients of revision 2026-07-28, which close the request. A client of revision 2025-11-25, which
# is the default of both, sends `notifications/cancelled` as a request of its own and leaves the first one open. The handler
# serves each request with a server of its own: it answers 202, and the tool runs to its end. The client has thrown by
# then; nobody reads the result.
# Why it matters: whoever presses "stop" goes on paying for the tool, and what it was about to do is done.
#
# Output seen:
#   client 2.4.0, revision 2026-07-28: cancelled
#   client 2.4.0, its default revision: ran to its end
#   sdk 1.32.2: ran to its end
# Exits with 1 if that changes. Needs Node 20 or later, npm and a registry.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
cat >package.json <<'JSON'
{
  "private": true,
  "type": "module",
  "dependencies": {
    "@modelcontextprotocol/client": "2.4.0",
    "@modelcontextprotocol/node": "2.1.2",
    "@modelcontextprotocol/sdk": "1.32.2",
    "@modelcontextprotocol/server": "2.4.0",
    "hono": "4.13.7"
  }
}
JSON
timeout -k 5 180 npm install --no-audit --no-fund --no-package-lock --loglevel=error >&2
cat >run.mjs <<'JS'
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';

let onStarted;
let onEnded;
const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'slow', version: '1.0.0' });
  server.registerTool('slow', { inputSchema: fromJsonSchema({ type: 'object' }) }, async (_, { mcpReq: { signal } }) => {
    onStarted();
    await sleep(3000, undefined, { signal }).then(
      () => onEnded('ran to its end'),
      () => onEnded('cancelled'),
    );
    return { content: [] };
  });
  return server;
});
const http = createServer(toNodeHandler(handler)).listen(0, '127.0.0.1');
await new Promise((resolve) => http.once('listening', resolve));
const url = new URL(`http://127.0.0.1:${http.address().port}/`);

/** What becomes of the tool when its client aborts the call. */
async function endOf(client, transport, call) {
  const started = new Promise((resolve) => (onStarted = resolve));
  const ended = new Promise((resolve) => (onEnded = resolve));
  await client.connect(transport);
  const abort = new AbortController();
  const called = call(client, { signal: abort.signal }).catch(() => {});
  await started;
  abort.abort();
  await called;
  const end = await ended;
  await client.close();
  return end;
}

const info = { name: 'client', version: '1.0.0' };
const tool = { name: 'slow', arguments: {} };
const newest = new Client(info, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
const seen = [
  ['client 2.4.0, revision 2026-07-28', newest, new StreamableHTTPClientTransport(url), (c, o) => c.callTool(tool, o)],
  ['client 2.4.0, its default revision', new Client(info), new StreamableHTTPClientTransport(url), (c, o) => c.callTool(tool, o)],
  ['sdk 1.32.2', new OldClient(info), new OldTransport(url), (c, o) => c.callTool(tool, undefined, o)],
];
const ends = [];
for (const [name, client, transport, call] of seen) {
  ends.push(await endOf(client, transport, call));
  console.log(`${name}: ${ends.at(-1)}`);
}
process.exit(ends.join() === 'cancelled,ran to its end,ran to its end' ? 0 : 1);
JS
timeout -k 5 60 node run.mjs
