import { afterEach, describe, expect, test } from '@jest/globals';
import { createRuntime, type ExecutionOutcome, type Runtime } from '../../../src/index.ts';
import { type LocalServer, localServer, type Seen } from '../../egress/support/server.ts';
import { until } from '../../support/until.ts';
import { ruleFor, withTools } from './support.ts';

type Answer = Parameters<typeof localServer>[0];
type Response = Parameters<Answer>[1];

let server: LocalServer | undefined;
let runtime: Runtime | undefined;
afterEach(async () => {
  await runtime?.close();
  await server?.close();
});

/** An engine with one tool, `evil`, at a server that answers like this. */
async function start(kind: 'mcp' | 'openAPI', answer: Answer, rules: readonly object[] = []): Promise<Runtime> {
  server = await localServer(answer);
  const url = `http://127.0.0.1:${server.port}/`;
  const tools = [{ name: 'evil', [kind]: { url } }];
  const all = [ruleFor(server.port), ...(rules as ReturnType<typeof ruleFor>[])];
  runtime = createRuntime({ ...withTools(tools, all), pool: { size: 1 } });
  await runtime.ready();
  return runtime;
}

const run = (source: string, limits = {}): Promise<ExecutionOutcome> =>
  (runtime as Runtime).execute(source, { limits });
const failure = async (call: string): Promise<unknown> =>
  (await run(`try { await ${call}; 'it worked' } catch ({ message, code }) { [message, code] }`)).result;

function json(response: Response, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Writes the same again and again, as long as somebody reads. */
function endless(response: Response, type: string, chunk: string): void {
  response.writeHead(200, { 'content-type': type });
  const write = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', write).on('error', () => {});
  write();
}

describe('a document', () => {
  test.each<[string, Answer, RegExp]>([
    ['without end', (_, response) => endless(response, 'application/json', ' '.repeat(1 << 16)), /more than 8 MiB/],
    ['that is not there', (_, response) => void response.writeHead(404).end(), /status 404/],
    ['of another status than HTTP has', (_, response) => void response.writeHead(999).end(), /status 999/],
    ['that is a web page', (_, response) => void response.end('<html></html>'), /not an OpenAPI document|line 1/],
    ['without operations', (_, response) => json(response, { openapi: '3.0.0', paths: {} }), /has no operation/],
    [
      'that redirects for ever',
      (_, response) => void response.writeHead(302, { location: '/' }).end(),
      /more than 20 redirects/,
    ],
    [
      'that redirects to where no rule leads',
      (_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
      /no egress rule allows 169.254.169.254:80/,
    ],
  ])('%s is refused, and the tool says why', async (_, answer, message) => {
    await start('openAPI', answer);
    expect(await failure('evil.f()')).toEqual([expect.stringMatching(message), 'Unavailable']);
    expect(runtime?.toolProblems()).toEqual([{ name: 'evil', message: expect.stringMatching(message) }]);
    expect((await run('1 + 1')).result).toBe(2);
  });

  test('that names servers of the cluster reaches none of them', async () => {
    const paths = {
      '/a': { get: { operationId: 'a' }, servers: [{ url: 'http://169.254.169.254/' }] },
      '/b': { get: { operationId: 'b' } },
    };
    await start('openAPI', ({ url }, response) =>
      json(response, url === '/' ? { openapi: '3.0.0', servers: [{ url: 'file:///etc' }], paths } : {}),
    );
    expect(await failure('evil.a()')).toEqual([
      'evil.a: no egress rule allows 169.254.169.254:80; see spec.egress',
      'Refused',
    ]);
    expect(await failure('evil.b()')).toEqual([expect.stringContaining('evil.b: '), 'Refused']);
  });

  test('with names of the prototype has them as functions, and nothing else', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'then', 'hasOwnProperty'];
    const paths = Object.fromEntries(names.map((name) => [`/${name}`, { get: { operationId: name } }]));
    await start('openAPI', ({ url }, response) => json(response, url === '/' ? { openapi: '3.0.0', paths } : { url }));
    const source = `const same = await evil; [Object.keys(evil), await evil.constructor(), await evil.toString(), ({}).polluted, typeof same._then]`;
    expect((await run(source)).result).toEqual([
      ['__proto_', 'constructor', 'toString', '_then', 'hasOwnProperty'],
      { url: '/constructor' },
      { url: '/toString' },
      null,
      'function',
    ]);
  });

  test('that answers a call without end is cut off', async () => {
    let isGone = false;
    await start('openAPI', ({ url }, response) => {
      if (url === '/') return json(response, { openapi: '3.0.0', paths: { '/f': { get: { operationId: 'f' } } } });
      response.on('close', () => {
        isGone = true;
      });
      endless(response, 'application/json', 'x'.repeat(1 << 16));
    });
    expect(await failure('evil.f()')).toEqual(['evil.f: the answer has more than 2 MiB', 'TooLarge']);
    await until('the connection to be closed', () => isGone);
  });

  test('whose server is gone at a call fails it, and comes back with it', async () => {
    let isThere = true;
    await start('openAPI', ({ url }, response) => {
      if (url === '/') return json(response, { openapi: '3.0.0', paths: { '/f': { get: { operationId: 'f' } } } });
      return isThere ? json(response, 1) : void response.destroy();
    });
    expect((await run('await evil.f()')).result).toBe(1);
    isThere = false;
    expect(await failure('evil.f()')).toEqual(['evil.f: the server closed the connection', 'Unavailable']);
    isThere = true;
    expect((await run('await evil.f()')).result).toBe(1);
  });
});

/** 100,000 values. */
const MANY = Array.from({ length: 100_000 }, () => ({}));
const HELLO = {
  protocolVersion: '2025-06-18',
  capabilities: { tools: {} },
  serverInfo: { name: 'evil', version: '1' },
};

/** Answers JSON-RPC of revision 2025-06-18, with what a test adds. */
const speaks =
  (answers: Readonly<Record<string, (response: Response, id: unknown, seen: Seen) => void>>): Answer =>
  (seen, response) => {
    const { id, method } = (seen.body === '' ? {} : JSON.parse(seen.body)) as { id?: unknown; method?: string };
    const answer = answers[method ?? seen.method];
    if (answer !== undefined) return answer(response, id, seen);
    const result = {
      initialize: HELLO,
      'tools/list': { tools: [{ name: 'f', inputSchema: { type: 'object' } }] },
    }[method ?? ''];
    if (result !== undefined) return json(response, { jsonrpc: '2.0', id, result });
    if (method === undefined) return void response.writeHead(405).end();
    if (id === undefined) return void response.writeHead(202).end();
    return json(response, { jsonrpc: '2.0', id, error: { code: -32601, message: 'no such method' } });
  };

describe('an MCP server', () => {
  test.each<[string, Answer, RegExp]>([
    [
      'whose list is too large',
      speaks({ 'tools/list': (response) => endless(response, 'application/json', ' '.repeat(1 << 16)) }),
      /more than 2 MiB/,
    ],
    ['that asks for credentials', (_, response) => void response.writeHead(401).end(), /status 401/],
    ['that fails', (_, response) => void response.writeHead(500).end('<b>oops</b>'), /status 500/],
    ['that is none', (_, response) => void response.end('hello'), /./],
    [
      'whose list has very many values',
      speaks({ 'tools/list': (response, id) => json(response, { jsonrpc: '2.0', id, result: { tools: MANY } }) }),
      /too many values/,
    ],
    [
      'that says too much of itself',
      speaks({
        initialize: (response, id) =>
          json(response, {
            jsonrpc: '2.0',
            id,
            result: { ...HELLO, serverInfo: { ...HELLO.serverInfo, icons: MANY } },
          }),
      }),
      /too many values/,
    ],
    [
      'without tools',
      speaks({ 'tools/list': (response, id) => json(response, { jsonrpc: '2.0', id, result: { tools: [] } }) }),
      /lists no tool/,
    ],
    [
      'whose answer is not of the protocol',
      speaks({ 'tools/list': (response, id) => json(response, { jsonrpc: '2.0', id, result: { tools: 7 } }) }),
      /./,
    ],
    [
      'that redirects to where no rule leads',
      (_, response) => void response.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
      /./,
    ],
  ])('%s is refused, and the tool says why', async (_, answer, message) => {
    await start('mcp', answer);
    expect(await failure('evil.f()')).toEqual([expect.stringMatching(message), 'Unavailable']);
    expect((await run('1 + 1')).result).toBe(2);
  });

  test('whose pages of tools never end is given up', async () => {
    let page = 0;
    await start(
      'mcp',
      speaks({
        'tools/list': (response, id) =>
          json(response, {
            jsonrpc: '2.0',
            id,
            result: { nextCursor: `${page++}`, tools: [{ name: `t${page}`, inputSchema: { type: 'object' } }] },
          }),
      }),
    );
    expect(await failure('evil.f()')).toEqual([expect.any(String), 'Unavailable']);
    expect(page).toBeLessThan(100);
  });

  test.each<[string, (response: Response, id: unknown) => void, RegExp, string]>([
    [
      'that answers with a stream without end',
      (response) => endless(response, 'text/event-stream', `data: ${'x'.repeat(1000)}\n\n`),
      /./,
      'InvalidAnswer',
    ],
    [
      'that answers with one endless line',
      (response) => endless(response, 'text/event-stream', 'x'.repeat(1 << 16)),
      /./,
      'InvalidAnswer',
    ],
    [
      'whose stream ends without an answer',
      (response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(),
      /./,
      'InvalidAnswer',
    ],
    [
      'that answers with very many items',
      (response, id) => json(response, { jsonrpc: '2.0', id, result: { content: MANY } }),
      /too many values/,
      'InvalidAnswer',
    ],
    [
      'that answers with very many values',
      (response, id) =>
        json(response, { jsonrpc: '2.0', id, result: { content: [{ type: 'text', _meta: { MANY } }] } }),
      /too many values/,
      'InvalidAnswer',
    ],
    [
      'that answers with what is no JSON',
      (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{'),
      /./,
      'InvalidAnswer',
    ],
    [
      'that answers with a web page',
      (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<b>'),
      /content type/,
      'InvalidAnswer',
    ],
    [
      'that answers with an error',
      (response, id) => json(response, { jsonrpc: '2.0', id, error: { code: -32000, message: 'not\n\u202etoday' } }),
      /not today/,
      'ToolError',
    ],
    ['that fails', (response) => void response.writeHead(503).end(), /status 503/, 'HTTPError'],
    ['that is gone', (response) => void response.destroy(), /closed the connection/, 'Unavailable'],
    [
      'that answers with much',
      (response, id) =>
        json(response, { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'x'.repeat(1_500_000) }] } }),
      /too large/,
      'undefined',
    ],
  ])('%s fails the call alone', async (_, answer, message, code) => {
    await start('mcp', speaks({ 'tools/call': answer }));
    expect(await failure('evil.f()')).toEqual([
      expect.stringMatching(message),
      code === 'undefined' ? null : expect.stringMatching(`^(${code})$`),
    ]);
    expect((await run('1 + 1')).result).toBe(2);
  });

  test('that never answers a call is left at the time-out of the execution', async () => {
    let isGone = false;
    await start(
      'mcp',
      speaks({
        'tools/call': (response) => {
          response.on('close', () => {
            isGone = true;
          });
        },
      }),
    );
    expect((await run('await evil.f()', { timeoutMs: 500 })).reason).toBe('TimeoutExceeded');
    await until('the connection to be closed', () => isGone);
  });

  test('with sessions has one for each execution, which ends with it', async () => {
    const sessions: string[] = [];
    const ended: unknown[] = [];
    await start(
      'mcp',
      speaks({
        initialize: (response, id) => {
          sessions.push(`s${sessions.length}`);
          response.setHeader('mcp-session-id', sessions.at(-1) as string);
          const serverInfo = { name: 'test', version: '1' };
          json(response, {
            jsonrpc: '2.0',
            id,
            result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo },
          });
        },
        'tools/call': (response, id, { headers }) =>
          json(response, {
            jsonrpc: '2.0',
            id,
            result: { content: [{ type: 'text', text: headers['mcp-session-id'] }] },
          }),
        DELETE: (response, _id, { headers }) => {
          ended.push(headers['mcp-session-id']);
          response.writeHead(204).end();
        },
      }),
    );
    expect((await run('[await evil.f(), await evil.f()]')).result).toEqual(['s1', 's1']);
    expect((await run('await evil.f()')).result).toBe('s2');
    await until('all sessions to end', () => ended.length === 3);
    expect(ended.toSorted()).toEqual(['s0', 's1', 's2']);
  });

  test('that asks the client for something gets no answer that a person could give', async () => {
    const answers: unknown[] = [];
    await start('mcp', (seen, response) => {
      const message = (seen.body === '' ? {} : JSON.parse(seen.body)) as {
        id?: unknown;
        method?: string;
        error?: unknown;
      };
      if (message.method === undefined && seen.body !== '') {
        answers.push(message.error);
        return void response.writeHead(202).end();
      }
      if (message.method !== 'tools/call') return speaks({})(seen, response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const ask = { jsonrpc: '2.0', id: 'q', method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } };
      response.write(`data: ${JSON.stringify(ask)}\n\n`);
      const result = { content: [{ type: 'text', text: 'done' }] };
      response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, result })}\n\n`);
    });
    expect((await run('await evil.f()')).result).toBe('done');
    for (const answer of answers) expect(answer).toMatchObject({ code: -32601 });
  });

  test('gets no bytes beyond the limit of the execution', async () => {
    await start(
      'mcp',
      speaks({ 'tools/call': (response) => endless(response, 'text/event-stream', 'x'.repeat(1 << 16)) }),
    );
    expect((await run('await evil.f()', { fetchBytes: 100_000 })).reason).toBe('FetchBytesExceeded');
  });
});
