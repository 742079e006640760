import { generateKeyPairSync } from 'node:crypto';
import { type AddressInfo, createServer, type Server } from 'node:net';
import fc from 'fast-check';
import { makeExecution } from '../../../src/api/defaults.ts';
import { canonicalJson, runDigest } from '../../../src/api/digest.ts';
import type { JsonValue } from '../../../src/api/json.ts';
import { nestsTooDeep } from '../../../src/api/json-depth.ts';
import { MAX_LOG_LINES, REFUSAL_STATUS } from '../../../src/api/pod-protocol.ts';
import { finishedStatus } from '../../../src/api/status.ts';
import { checkedOutcome } from '../../../src/cluster/pods/outcome-check.ts';
import { PodClient } from '../../../src/cluster/pods/pod-client.ts';
import { PodRefusal, PodUnreachable } from '../../../src/cluster/pods/pod-errors.ts';
import { outcomeOf } from '../../unit/runtime/server/run-requests.ts';
import { JSON_TOKENS, mutated, odd, spoiled } from '../mutations.ts';
import { check, type Target } from '../target.ts';

const OUTCOME = {
  ...outcomeOf('x'),
  reason: 'RuntimeError',
  result: { a: [1, '\u0000'] },
  error: { type: 'RuntimeError', message: 'x', line: 1, column: 2, retryable: false },
  logs: [{ time: '2026-01-01T00:00:00.000Z', level: 'info', message: 'hello' }],
};

const BODIES = [
  { state: 'finished', outcome: OUTCOME },
  { state: 'finished', outcome: outcomeOf('x') },
  { state: 'running' },
  { runs: ['a.1.1', 'b.2.3'] },
  {
    bootID: 'boot-1',
    draining: false,
    ready: true,
    capacity: 4,
    executions: { total: 1, succeeded: 1, errors: 0, timeouts: 0, running: 0, pending: 0 },
    pool: { size: 4, idle: 4, busy: 0, created: 4, destroyed: 0 },
    compilation: { size: 0, hits: 0, misses: 0 },
    unacknowledged: 0,
  },
  { code: 'Busy', message: 'no room', bootID: 'boot-1' },
];

const CALLS = ['run', 'state', 'unacknowledged', 'stats', 'acknowledge', 'cancel'] as const;

const body = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(...BODIES)
      .chain(spoiled)
      .map((value) => JSON.stringify(value) ?? ''),
  },
  {
    weight: 4,
    arbitrary: mutated(
      BODIES.map((each) => JSON.stringify(each)),
      JSON_TOKENS,
    ),
  },
  odd.map((value) => JSON.stringify(value)),
  fc.constantFrom(1000, 300_000, 4_000_000).map((length) => `[${'[],'.repeat(length / 3)}[]]`),
  fc.constantFrom(100, 100_000).map((levels) => `{"state":"finished","outcome":${'['.repeat(levels)}`),
);

const status = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(200, 202, 204) },
  fc.constantFrom(...Object.values(REFUSAL_STATUS), 100, 101, 302, 599, 999),
);

const answer = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(status, body, fc.constantFrom(0, 0, 0, 5, -5)).map(([code, text, tooMany]) => {
      const length = Math.max(0, Buffer.byteLength(text) + tooMany);
      return `HTTP/1.1 ${code} OK\r\ncontent-length: ${length}\r\n\r\n${text}`;
    }),
  },
  body.map(
    (text) =>
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`,
  ),
  mutated(
    ['HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}', 'HTTP/1.1 200 OK\r\n\r\n{}'],
    [
      'HTTP/1.1 ',
      '\r\n',
      '\n',
      'upgrade: x\r\n',
      'content-length: 1\r\n',
      'transfer-encoding: chunked\r\n',
      '\0',
      ': ',
    ],
  ),
);

interface Exchange {
  readonly call: (typeof CALLS)[number];
  readonly answer: string;
}

/** A pod that answers what it is told to, and closes. */
class HostilePod {
  answer = '';
  readonly #server: Server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(this.answer));
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }
}

const pod = new HostilePod();
const client = new PodClient({ privateKey: generateKeyPairSync('ed25519').privateKey, epoch: 1 });
let listening: Promise<string> | undefined;
const execution = makeExecution({ name: 'a', namespace: 'b' }, { source: '1' });

/** What a pod answers, as the operator reads it: a pod's image may be anybody's. */
export const podAnswers: Target<Exchange> = {
  name: 'pod-answers',
  title: 'answers of a pod, as the operator reads and records them',
  input: fc.record({ call: fc.constantFrom(...CALLS), answer }),
  async run({ call, answer }) {
    listening ??= pod.listen();
    pod.answer = answer;
    const address = { podUID: 'pod-1', bootID: 'boot-1', address: await listening };
    let given: unknown;
    try {
      if (call === 'run') given = await client.run(address, 'a.1.1', '{}');
      else if (call === 'stats' || call === 'unacknowledged') given = await client[call](address);
      else given = await client[call](address, 'a.1.1');
    } catch (error) {
      check(error instanceof PodRefusal || error instanceof PodUnreachable, `${call} fails: ${(error as Error).stack}`);
      return;
    }
    if (call === 'state') given = (given as { outcome?: unknown }).outcome;
    if (call === 'run' || call === 'state') expectRecordable(given);
    if (call === 'unacknowledged') check((given as unknown[]).length <= 1000, 'a list without end');
  },
  close() {
    client.close();
    pod.close();
  },
};

/** What passes the check becomes a status that the API takes, or the execution would never get one. */
function expectRecordable(given: unknown): void {
  const outcome = checkedOutcome(given);
  if (outcome === undefined) return;
  const recorded = finishedStatus(execution, outcome, { runDigest: runDigest(execution.spec) });
  check((recorded.logs ?? []).length <= MAX_LOG_LINES, 'more lines than a status takes');
  check(!nestsTooDeep(recorded.result), 'a result that nests too deep');
  check(canonicalJson(recorded as unknown as JsonValue).length < 8 << 20, 'a status that no API takes');
  JSON.stringify(recorded, (key, value) => {
    check(key.isWellFormed() && (typeof value !== 'string' || value.isWellFormed()), 'text that no API takes');
    return value;
  });
  const { line = 1, column = 1 } = recorded.error ?? {};
  check(line >= 1 && line < 2 ** 31 && column >= 1 && column < 2 ** 31, `an error at ${line}:${column}`);
}
