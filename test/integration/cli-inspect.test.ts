import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, jest, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { type AuthorsLine, DebuggerClient } from '../support/debugger-client.ts';
import { until } from '../support/until.ts';
import { Command, copepod, execution, runItems, succeeded, Workspace } from './support/cli.ts';

// Each test starts a program and its processes, on a machine whose cores may be busy.
jest.setTimeout(180_000);

const VAT = `interface Rate { readonly percent: number }
export const vat = (net: number, rate: Rate): number => {
  const tax: number = (net * rate.percent) / 100;
  return tax;
};
`;
/** The script of docs/debugging.md's example. */
const ORDER = `import { vat } from './lib/vat.ts';

interface Order {
  readonly net: number;
}

const gross = async (order: Order): Promise<number> => {
  const tax: number = vat(order.net, { percent: 19 });
  console.log('tax', { tax });
  return order.net + tax;
};

export default (async () => ({ gross: await gross({ net: params.net }), region: env.REGION }))();
`;

/** Starts a command under a debugger that is attached as soon as it can be. */
async function debugging(
  args: readonly string[],
  cwd: string,
  breakpoints: readonly AuthorsLine[] = [],
): Promise<{ command: Command; client: DebuggerClient }> {
  const command = new Command(['run', ...args, '-o', 'json', '--inspect-port', '0'], { cwd });
  await command.waitFor(/Debugger listening on ws:\S+\n/);
  const url = /Debugger listening on (ws:\S+)/.exec(command.stderr)?.[1] ?? '';
  return { command, client: await DebuggerClient.attach(url, breakpoints) };
}

/** What an execution has come to, but for what differs from run to run. */
function outcomeOf({ status }: ScriptExecution): object {
  const { result, error, logs } = status;
  return { succeeded: status.conditions?.[0]?.reason, result, error, logs: logs?.map(({ time: _, ...rest }) => rest) };
}

async function outcomeOfCommand(command: Command): Promise<object> {
  const { stdout } = await command.ended;
  const [item] = (JSON.parse(stdout) as { items: ScriptExecution[] }).items;
  return outcomeOf(item as ScriptExecution);
}

describe('copepod run --inspect', () => {
  test('stops at breakpoints in TypeScript files, shows local variables, and ends as without a debugger', async () => {
    using files = new Workspace({ 'order.ts': ORDER, 'lib/vat.ts': VAT });
    const args = ['order.ts', '--param', 'net=100', '--env', 'REGION=eu'];
    const [plain] = await runItems(args, { cwd: files.path });
    const lines = [
      { file: `${files.path}/lib/vat.ts`, line: 4 },
      { file: `${files.path}/order.ts`, line: 10 },
    ];
    const { command, client } = await debugging([...args, '--inspect'], files.path, lines);
    using _ = client;
    const inVat = await client.paused();
    expect(client.placeOf(inVat)).toEqual({ file: expect.stringMatching(/^file:\/\/.*\/lib\/vat\.ts$/), line: 4 });
    expect(await client.evaluate(inVat, '[net, rate.percent, tax]')).toEqual([100, 19, 19]);
    await client.resume();
    const inOrder = await client.paused();
    expect(client.placeOf(inOrder)).toEqual({ file: expect.stringMatching(/^file:\/\/.*\/order\.ts$/), line: 10 });
    expect(inOrder.callFrames[0]?.functionName).toBe('gross');
    expect(await client.evaluate(inOrder, 'order.net + tax')).toBe(119);
    await client.resume();
    expect(await outcomeOfCommand(command)).toEqual(outcomeOf(plain as ScriptExecution));
    expect(outcomeOf(plain as ScriptExecution)).toMatchObject({ result: { gross: 119, region: 'eu' } });
    // What a script logs is in the debugger's console too.
    expect(client.logged).toEqual(['tax { tax: 19 }']);
    await until('no process left', () => command.processes().length === 0);
  });

  test('a script in plain JavaScript stops at its own lines, and an error has its place', async () => {
    using files = new Workspace({
      'sum.js':
        'const sum = params.list.reduce((a, b) => a + b);\nif (sum > 3)\n  throw new RangeError("too much: " + sum);\nsum',
    });
    const args = ['sum.js', '--param', 'list=[1,2,3]'];
    const [plain] = await runItems(args, { cwd: files.path });
    const { command, client } = await debugging([...args, '--inspect'], files.path, [{ file: '/sum.js', line: 3 }]);
    using _ = client;
    const paused = await client.paused();
    expect(client.placeOf(paused)).toEqual({ file: `file://${files.path}/sum.js`, line: 3 });
    expect(await client.evaluate(paused, 'sum')).toBe(6);
    await client.resume();
    const outcome = await outcomeOfCommand(command);
    expect(outcome).toEqual(outcomeOf(plain as ScriptExecution));
    expect(outcome).toMatchObject({ error: { message: 'RangeError: too much: 6', line: 3 } });
  });

  test('the time-out is off: a script may stand at a breakpoint for as long as its author looks', async () => {
    const source = 'await new Promise((resolve) => setTimeout(resolve, 600)); "slow"';
    using files = new Workspace({ 'slow.js': source });
    const args = ['slow.js', '--timeout', '100ms'];
    const [plain] = await runItems(args, { cwd: files.path });
    expect(succeeded(plain as ScriptExecution)?.reason).toBe('TimeoutExceeded');
    const { command, client } = await debugging([...args, '--inspect'], files.path);
    using _ = client;
    expect(await outcomeOfCommand(command)).toMatchObject({ result: 'slow' });
  });

  test('host functions, fetch with its rules, and the script of a manifest', async () => {
    const server = createServer((request, response) => response.end(`answer to ${request.url}`)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const origin = `http://127.0.0.1:${port}`;
    const runtime = {
      apiVersion: 'copepod.dev/v1alpha1',
      kind: 'ScriptRuntime',
      metadata: { name: 'web' },
      spec: { egress: [{ hosts: ['127.0.0.1'], schemes: ['http'], ports: [port] }] },
    };
    const source = [
      `const body = await (await fetch('${origin}/a')).text();`,
      `const refused = await fetch('https://elsewhere.example/').catch((error) => error.cause.message);`,
      'export default [body, await double(21), refused];',
    ].join('\n');
    using files = new Workspace({
      'all.yaml': `${JSON.stringify(runtime)}\n---\n${execution('web', { source, runtimeRef: { name: 'web' } })}`,
      'host.mjs': 'export const double = (_, n) => 2 * n;',
    });
    try {
      const args = ['all.yaml', '--host-functions', 'host.mjs'];
      const [plain] = await runItems(args, { cwd: files.path });
      const line = { file: 'copepod://default/web/web.js', line: 3 };
      const { command, client } = await debugging([...args, '--inspect'], files.path, [line]);
      using _ = client;
      const paused = await client.paused();
      expect(client.placeOf(paused)).toEqual(line);
      expect(await client.evaluate(paused, 'body')).toBe('answer to /a');
      await client.resume();
      const outcome = await outcomeOfCommand(command);
      expect(outcome).toMatchObject({ result: ['answer to /a', 42, expect.stringContaining('elsewhere.example')] });
      expect(outcome).toEqual(outcomeOf(plain as ScriptExecution));
    } finally {
      server.close();
    }
  });

  test('Ctrl-C while the script stands at a breakpoint ends it and leaves no process', async () => {
    using files = new Workspace({ 'stop.js': 'debugger;\n1' });
    const { command, client } = await debugging(['stop.js', '--inspect'], files.path);
    using _ = client;
    await client.paused();
    command.signalGroup('SIGINT');
    const { code, stdout } = await command.ended;
    expect(succeeded((JSON.parse(stdout) as { items: ScriptExecution[] }).items[0] as ScriptExecution)?.reason).toBe(
      'Cancelled',
    );
    expect(code).toBe(130);
    await until('no process left', () => command.processes().length === 0);
    await until('the debugger to be let go', () => client.isClosed);
  });
});

describe('copepod run --inspect-brk', () => {
  test.each([
    ['a script', 'first.js', '// a comment\n\nfunction f() {\n  return 1;\n}\nf() + 1', 6, 2],
    [
      'a module whose imports come first',
      'first.mjs',
      "import { one } from './one.mjs';\nexport function f() {\n  return one;\n}\nexport default f() + 1;",
      5,
      2,
    ],
    [
      'TypeScript',
      'first.ts',
      'type T = number;\nasync function f(): Promise<T> {\n  return 1;\n}\nexport default f();',
      5,
      1,
    ],
    ['a script that awaits', 'first.js', '// a comment\nconst one = await 1;\none + 1', 2, 2],
  ])('%s stops at its first statement', async (_name, file, source, line, result) => {
    using files = new Workspace({ [file]: source, 'one.mjs': 'export const one = 1;' });
    const { command, client } = await debugging([file, '--inspect-brk'], files.path);
    using _ = client;
    expect(client.placeOf(await client.paused())).toEqual({ file: `file://${files.path}/${file}`, line });
    await client.resume();
    expect(await outcomeOfCommand(command)).toMatchObject({ result });
  });
});

describe('a process under a debugger', () => {
  test('listens on the loopback address alone, and may open no files, processes, connections and threads', async () => {
    using files = new Workspace({ 'stop.js': 'debugger;\n[typeof process, typeof require]' });
    const { command, client } = await debugging(['stop.js', '--inspect'], files.path);
    using _ = client;
    expect(command.stderr).toMatch(
      /^copepod: warning: .*less contained.*\nDebugger listening on ws:\/\/127\.0\.0\.1:\d+\/[\w-]+\n.*chrome:\/\/inspect/,
    );
    await client.paused();
    // As its own code, outside the script's context: that is as far as a script could get.
    const attempts = {
      read: "process.getBuiltinModule('fs').readFileSync('/etc/hostname')",
      write: "process.getBuiltinModule('fs').writeFileSync('/tmp/copepod-debugged', '')",
      spawn: "process.getBuiltinModule('child_process').execFileSync('true')",
      thread: "new (process.getBuiltinModule('worker_threads').Worker)('', { eval: true })",
      code: "new Function('return 1')()",
      // The permission model keeps no process from another; the seccomp filter does.
      ...(process.platform === 'linux' ? { signal: 'process.kill(process.ppid, 0)' } : {}),
    };
    for (const [name, expression] of Object.entries(attempts)) {
      const evaluation = { expression, contextId: 1, allowUnsafeEvalBlockedByCSP: false };
      const { exceptionDetails } = await client.send('Runtime.evaluate', evaluation);
      const { description } = (exceptionDetails as unknown as { exception: { description: string } }).exception;
      expect({ name, description }).toEqual({
        name,
        description: expect.stringMatching(/restricted|disallowed|ACCESS_DENIED|permission|EPERM/i),
      });
    }
    const granted =
      "['net', 'inspector', 'worker', 'child', 'addon', 'ffi', 'wasi'].filter((scope) => process.permission.has(scope))";
    expect(
      await client.send('Runtime.evaluate', { expression: granted, contextId: 1, returnByValue: true }),
    ).toMatchObject({ result: { value: [] } });
    await client.resume();
    expect(await outcomeOfCommand(command)).toMatchObject({ result: ['undefined', 'undefined'] });
  });
});

describe('what --inspect refuses', () => {
  const EXAMPLES: [string, string[], RegExp][] = [
    [
      'several scripts',
      ['a.js', 'b.js', '--inspect'],
      /debugs one script, and the files have 2\n.*name the file of one/,
    ],
    ['--watch', ['a.js', '--inspect-brk', '--watch'], /--inspect runs a script once/],
    ['a port without a debugger', ['a.js', '--inspect-port', '9230'], /--inspect-port needs --inspect/],
    ['no port', ['a.js', '--inspect', '--inspect-port', '70000'], /from 0 to 65535/],
  ];
  test.each(EXAMPLES)('%s', async (_name, args, message) => {
    using files = new Workspace({ 'a.js': '1', 'b.js': '2' });
    const { code, stderr, stdout } = await copepod(['run', ...args], { cwd: files.path });
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  });

  test('a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    using files = new Workspace({ 'a.js': '1' });
    const { code, stderr } = await copepod(['run', 'a.js', '--inspect', '--inspect-port', `${port}`], {
      cwd: files.path,
    });
    server.close();
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/is taken.*\n.*--inspect-port 0/) });
  });
});
