import { generateKeyPairSync } from 'node:crypto';
import { Agent, type Server, request as send } from 'node:http';
import fc from 'fast-check';
import { encodeFrame } from '../../../src/api/frame.ts';
import { REFUSAL_STATUS, type Refusal, type RunRequest } from '../../../src/api/pod-protocol.ts';
import { makeToken } from '../../../src/api/pod-token.ts';
import { Compiler } from '../../../src/runtime/compiler.ts';
import { Environments } from '../../../src/runtime/env/environments.ts';
import { GivenValues } from '../../../src/runtime/env/value-source.ts';
import { Execution } from '../../../src/runtime/execution.ts';
import { DEFAULT_LIMITS } from '../../../src/runtime/options.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import { createApp } from '../../../src/runtime/server/app.ts';
import { Authenticator } from '../../../src/runtime/server/authenticate.ts';
import { createPodServer, listen } from '../../../src/runtime/server/http-server.ts';
import { RunLedger } from '../../../src/runtime/server/ledger.ts';
import { lostOutcome } from '../../../src/runtime/server/run-outcome.ts';
import { Runner } from '../../../src/runtime/server/runner.ts';
import type { ExecuteOptions, ScriptSource } from '../../../src/runtime/types.ts';
import { runRequest } from '../../unit/runtime/server/run-requests.ts';
import { JSON_TOKENS, mutated, spoiled } from '../mutations.ts';
import { check, type Target } from '../target.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const [podUID, bootID] = ['pod-1', 'boot-1'];

const REQUEST = runRequest({
  params: { a: [1, { b: 'c' }] },
  limits: { timeoutMs: 100, memoryBytes: 1 << 20, apiCalls: 5 },
  language: 'TypeScript',
  env: [
    { name: 'REGION', value: 'eu' },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'crm', key: 'token', optional: true } } },
  ],
});

const { source: _, ...SOURCELESS } = REQUEST;
/** A script of several files, with an import map. */
const OF_FILES: RunRequest = {
  ...SOURCELESS,
  files: { [REQUEST.name]: 'import "./a.ts"; import "lib"', 'a.ts': '1', '@runtime/lib/lib.ts': '2' },
  imports: { lib: '@runtime/lib/lib.ts' },
};

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

const id = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.nat(1e9), fc.integer({ min: 1, max: 9 })).map(([uid, run]) => `${uid}.${run}.1`),
  },
  mutated(['a.1.1'], ['.', '%2e', '/', '%', '%00', '..', '0', '\u00e9', '1e3']).map((text) =>
    encodeURI(text.slice(0, 300).toWellFormed()),
  ),
);

const sent: fc.Arbitrary<Sent> = fc.record({
  method: fc.oneof({ weight: 8, arbitrary: fc.constant('POST') }, fc.constantFrom('GET', 'DELETE', 'PUT', 'PATCH')),
  path: fc.oneof(
    { weight: 8, arbitrary: id.map((text) => `/v1/runs/${text}`) },
    id.map((text) => `/v1/runs/${text}/cancel`),
    fc.constant('/v1/compilations'),
    fc.constantFrom('/v1/runs', '/v1/stats', '/v1', '/', '/v1/runs/', '//', '/v1/runs?x'),
  ),
  body: fc.oneof(
    { weight: 2, arbitrary: spoiled(REQUEST).map((value) => JSON.stringify(value) ?? '') },
    { weight: 2, arbitrary: spoiled(OF_FILES).map((value) => JSON.stringify(value) ?? '') },
    { weight: 2, arbitrary: mutated([JSON.stringify(REQUEST), JSON.stringify(OF_FILES)], JSON_TOKENS) },
    fc.string({ unit: 'binary', maxLength: 100 }),
    fc.constantFrom(100, 5000, 500_000).map((levels) => '['.repeat(levels) + ']'.repeat(levels)),
  ),
});

const VALUES = new GivenValues({ secrets: { crm: { token: 'tok-1234' } } });
const ADMISSION = { ceiling: DEFAULT_LIMITS, tenants: [], values: VALUES };
const compiler = new Compiler({ enabled: true, size: 100 }, { compile: () => Promise.reject(new Error('unused')) });
const bugs: unknown[] = [];

/** Admits as the engine does, and makes the message that a sandbox would be sent. No script runs: they are not fuzzed here. */
const runtime: Pick<Runtime, 'execute' | 'compile'> = {
  compile: async (script) => compiler.program(script as ScriptSource),
  async execute(script, options: ExecuteOptions = {}) {
    const execution = new Execution(script, options, ADMISSION, { compiler, environments: new Environments(VALUES) });
    const { refusal, input, program } = execution;
    const frame = encodeFrame({ ...input, name: program.name, source: program.source });
    check(refusal !== undefined || frame.length < 8 << 20, 'a message that no sandbox takes');
    const now = new Date();
    return { ...lostOutcome({ startTime: now, completionTime: now }), ...refusal };
  },
};

async function startPod(): Promise<{ server: Server; port: number }> {
  const ledger = new RunLedger(
    { maxActive: 100, maxRuns: 1e9, maxBytes: 1e12, maxRemembered: 1e6 },
    {
      failed: (_id, error) => {
        bugs.push(error);
        throw error;
      },
      full: () => {},
    },
  );
  ledger.open();
  const server = createPodServer((guard) =>
    createApp({
      bootID,
      ledger,
      runner: new Runner(runtime, undefined, ADMISSION, {
        logged: () => {},
        ended: () => {},
        fetched: () => {},
        hostFunctionFailed: () => {},
      }),
      authenticators: {
        operator: new Authenticator({
          signer: 'operator',
          publicKey: publicKey.export({ format: 'jwk' }),
          podUID,
          bootID,
        }),
        gateway: undefined,
      },
      maxActiveForGateways: 1,
      onSigned: (request, response) => guard.trust(request, response),
      isReady: () => true,
      stats: async () => ({}) as never,
      toolTypes: async () => '',
      metrics: async () => ({ contentType: 'text/plain', text: '' }),
      onRefusal: (refusal, cause) => {
        if (refusal.code === 'InternalError') bugs.push(cause);
      },
    }),
  );
  return { server, port: await listen(server, 0, '127.0.0.1') };
}

let pod: ReturnType<typeof startPod> | undefined;
const agent = new Agent({ keepAlive: true });

/** What arrives at a pod's port, signed: paths, methods and bodies. */
export const runRequests: Target<Sent> = {
  name: 'run-requests',
  title: 'requests to a pod, as its server, its ledger and the engine read them',
  input: sent,
  async run({ method, path, body }) {
    pod ??= startPod();
    const { port } = await pod;
    const claims = { podUID, bootID, epoch: 1, method, path, body };
    const authorization = `Bearer ${makeToken(privateKey, claims)}`;
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const headers = { authorization, 'content-length': Buffer.byteLength(body) };
      send({ host: '127.0.0.1', port, agent, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      })
        .on('error', reject)
        .end(body);
    });
    if (bugs.length > 0) throw bugs.pop();
    if (status < 300) return;
    const { code } = JSON.parse(text) as Refusal;
    check(code !== 'InternalError' && REFUSAL_STATUS[code] === status, `${status} ${text.slice(0, 200)}`);
    // Each run that is kept would count against the memory that a case may take.
  },
  close() {
    agent.destroy();
    void pod?.then(({ server }) => server.close());
  },
};
