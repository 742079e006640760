#!/usr/bin/env bash
# @modelcontextprotocol/client 2.4.0 and @modelcontextprotocol/sdk 1.32.2, over Streamable HTTP.
#
# Expected: a call whose answer is a stream of events fails when that stream ends without the answer, as it fails when a
# connection breaks before the head of the response. Proxies end streams on which nothing was sent for a while.
# What happens: the client notices the end of the stream, and does nothing: the call waits until its time-out, which is 60 s
# by default, and is as long as whoever raised it for slow tools has made it.
# Why it matters: behind a proxy that ends streams after 30 s, slow tools look as if they took 60 s and timed out; with a time-out
# of an hour, an agent stands for an hour.
#
# Output seen (the time-out of the calls is 3 s):
#   client 2.4.0: Request timed out
#   sdk 1.32.2: MCP error -32001: Request timed out
# Exits with 1 if that changes. Needs Node 20 or later, npm and a registry.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
cat >package.json <<'JSON'
{
  "private": true,
  "type": "module",
  "dependencies": { "@modelcontextprotocol/client": "2.4.0", "@modelcontextprotocol/sdk": "1.32.2" }
}
JSON
timeout -k 5 180 npm install --no-audit --no-fund --no-package-lock --loglevel=error >&2
cat >run.mjs <<'JS'
import { createServer } from 'node:http';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const initialized = { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'server', version: '1' } };
const http = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { id, method } = body === '' ? {} : JSON.parse(body);
  if (method === 'initialize') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: initialized }));
  } else if (method === 'tools/call') {
    // As a proxy does it: the head has been passed on, and then nothing came for too long.
    response.setHeader('content-type', 'text/event-stream');
    response.end(': still working\n\n');
  } else response.writeHead(body === '' ? 405 : 202).end();
}).listen(0, '127.0.0.1');
await new Promise((resolve) => http.once('listening', resolve));
const url = new URL(`http://127.0.0.1:${http.address().port}/`);

const info = { name: 'client', version: '1.0.0' };
const tool = { name: 'slow', arguments: {} };
const options = { timeout: 3000 };
const seen = [
  ['client 2.4.0', new Client(info), new StreamableHTTPClientTransport(url), (client) => client.callTool(tool, options)],
  ['sdk 1.32.2', new OldClient(info), new OldTransport(url), (client) => client.callTool(tool, undefined, options)],
];
const messages = [];
for (const [name, client, transport, call] of seen) {
  await client.connect(transport);
  messages.push(await call(client).then(() => 'answered', ({ message }) => message));
  console.log(`${name}: ${messages.at(-1)}`);
  await client.close();
}
process.exit(messages.every((message) => message.endsWith('Request timed out')) ? 0 : 1);
JS
timeout -k 5 60 node run.mjs
