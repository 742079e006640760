// Code mode of @cloudflare/codemode, with Copepod in place of a Worker. node examples/agents/code-mode.mjs
import { registerHooks } from 'node:module';
import { jsonSchema, tool } from 'ai';
import { createRuntime } from 'copepod';
import { CopepodExecutor } from 'copepod/codemode';

// The entry for the AI SDK imports a module of Workers, for a class that is not used here.
const workers = { url: 'data:text/javascript,export class WorkerEntrypoint {}', shortCircuit: true };
registerHooks({
  resolve: (specifier, context, next) => (specifier === 'cloudflare:workers' ? workers : next(specifier, context)),
});
const { createCodeTool } = await import('@cloudflare/codemode/ai');

await using runtime = createRuntime({ pool: { size: 1 }, limits: { timeoutMs: 10_000 } });
const codemode = createCodeTool({
  executor: new CopepodExecutor({ runtime, context: { tenant: { id: 'acme' } } }),
  tools: {
    'convert-currency': tool({
      description: 'Converts an amount of euros',
      inputSchema: jsonSchema({
        type: 'object',
        properties: { euros: { type: 'number' }, to: { enum: ['USD', 'CHF'] } },
        required: ['euros', 'to'],
      }),
      execute: async ({ euros, to }) => ({ amount: euros * { USD: 2, CHF: 0.5 }[to] }),
    }),
  },
});

console.log(codemode.description.match(/declare const codemode[\s\S]*?\n}/)[0]);
const code = `async () => {
  const amounts = [];
  for (const to of ['USD', 'CHF']) amounts.push((await codemode.convert_currency({ euros: 21, to })).amount);
  console.log(amounts.length, 'amounts');
  return amounts;
}`;
console.log(await codemode.execute({ code }, { toolCallId: '1', messages: [] }));
await codemode
  .execute({ code: 'async () => {\n  return codemode.missing();\n}' }, { toolCallId: '2', messages: [] })
  .catch((error) => {
    console.log(error.message.split('\n')[0]);
  });
