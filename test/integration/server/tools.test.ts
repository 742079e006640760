import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import { type McpTestServer, mcpTestServer, ruleFor, ticketTools } from '../tools/support.ts';
import { outcomeOf, PodProcess } from './pod-process.ts';

let desk: McpTestServer;
let pod: PodProcess;
beforeAll(async () => {
  desk = await mcpTestServer(ticketTools);
  pod = await PodProcess.serving({
    config: {
      pool: { size: 1 },
      tools: [
        { name: 'tickets', mcp: { url: `http://127.0.0.1:${desk.port}/mcp` } },
        { name: 'away', mcp: { url: 'https://mcp.example.com/mcp' } },
      ],
      egress: [ruleFor(desk.port, { name: 'desk' })],
    },
  });
});
afterAll(async () => {
  await pod?.[Symbol.asyncDispose]();
  await desk?.close();
});

describe('tools of a pod', () => {
  test('are called by runs, and the requests are in its log and metrics', async () => {
    const { result, usage } = outcomeOf(await pod.run('t1.1.1', { source: 'await tickets.get_ticket({ id: 7 })' }));
    expect(result).toEqual({ id: 7, opened: '2026-05-02' });
    expect(usage).toMatchObject({ apiCalls: 1, fetches: 1 });
    const line = await pod.logged(({ run, message }) => run === 't1.1.1' && message === 'request of a script');
    expect(line).toMatchObject({ tool: 'tickets', rule: 'desk', method: 'POST', status: 200, tenant: 'acme' });
    expect((await pod.open('/metrics')).text).toMatch(/copepod_fetches_total\{rule="desk",outcome="2xx"\} [3-9]/);
  });

  test('are loaded by requests that are in its log too', async () => {
    const line = await pod.logged(({ message, rule }) => message === 'request to load a tool' && rule === 'desk');
    expect(line).toMatchObject({ tool: 'tickets', method: 'POST', outcome: '2xx' });
  });

  test('that cannot be loaded are told to the operator', async () => {
    const tools = await until('the problem', async () => (await pod.stats()).tools);
    expect(tools).toEqual([{ name: 'away', message: 'no egress rule allows mcp.example.com:443; see spec.egress' }]);
  });
});
