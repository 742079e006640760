// An agent without a model: it sends the code that a model would write. node examples/agents/agent.mjs
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const here = import.meta.dirname;
const args = ['mcp', `${here}/runtime.yaml`, '--host-functions', `${here}/host-functions.mjs`];
const client = new Client({ name: 'agent', version: '1.0.0' });
await client.connect(new StdioClientTransport({ command: 'copepod', args, env: process.env, stderr: 'ignore' }));

const { tools } = await client.listTools();
console.log(tools[0].description.slice(tools[0].description.indexOf('The code can also use')));

const code = `
let unpaid = 0;
for (let page = 0; ; page++) {
  const found = await orders.list(page);
  if (found.length === 0) break;
  for (const { id, total, isPaid } of found) {
    if (isPaid) continue;
    unpaid += total;
    await orders.remind(id);
    console.log('reminded of', id);
  }
}
\`\${unpaid} \${env.CURRENCY} are unpaid\``;
const { structuredContent } = await client.callTool({ name: 'execute', arguments: { code } });
console.log(structuredContent.result, '|', structuredContent.logs.length, 'reminders');
console.log(structuredContent.usage.apiCalls, 'calls');

const failed = await client.callTool({
  name: 'execute',
  arguments: { code: 'await orders.list();\nawait orders.remind(2)' },
});
const { message, line, column } = failed.structuredContent.error;
console.log(failed.isError, message, `${line}:${column}`);

await client.close();
