import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { outcomeOf, PodProcess } from './pod-process.ts';

let pod: PodProcess;
beforeAll(async () => {
  pod = await PodProcess.serving();
});
afterAll(() => pod[Symbol.asyncDispose]());

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Opens a connection and sends this text. */
async function open(text = ''): Promise<Socket> {
  const socket = connect(pod.port, '127.0.0.1');
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** The complete answer on a connection, when it is closed. */
async function answered(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  await once(socket, 'close');
  return text;
}

describe.each<[string, string]>([
  ['say nothing', ''],
  ['begin a request and do not end it', 'GET /healthz HTTP/1.1\r\nhost: pod\r\n'],
])('beside more connections than a pod keeps, which %s,', (_, text) => {
  test('probes, scrapers and the operator are answered, on new connections and on those they have', async () => {
    const bySignature = await pod.stats();
    for (let i = 0; i < 1200; i++) await open(text);
    for (const path of ['/healthz', '/readyz', '/metrics']) expect((await pod.open(path)).status).toBe(200);
    // The agent has kept its connection; the second request is made while the first has it.
    const answers = await Promise.all([pod.run(`${text.length}.1.1`), pod.run(`${text.length}.1.2`)]);
    expect(answers.map((answer) => outcomeOf(answer).reason)).toEqual(['Completed', 'Completed']);
    expect((await pod.stats()).bootID).toBe(bySignature.bootID);
  });
});

test('a connection that says nothing is closed', async () => {
  expect(await answered(await open())).toBe('');
});

test('an unauthenticated client gets one answer, which closes the connection', async () => {
  const socket = await open('GET /healthz HTTP/1.1\r\nhost: pod\r\n\r\nGET /healthz HTTP/1.1\r\nhost: pod\r\n\r\n');
  expect((await answered(socket)).match(/HTTP\/1\.1 200/g)).toHaveLength(1);
});

test('the operator keeps its connection', async () => {
  const [first, second] = [await pod.send('GET', '/v1/stats'), await pod.send('GET', '/v1/runs')];
  expect([first, second].map(({ headers }) => headers.connection)).toEqual(['keep-alive', 'keep-alive']);
});

test.each([
  [
    '100-continue, and is not signed,',
    'POST /v1/runs/a.1.1 HTTP/1.1\r\nhost: pod\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n',
    401,
  ],
  ['what is not known', 'GET /healthz HTTP/1.1\r\nhost: pod\r\nexpect: tea\r\n\r\n', 417],
])('a request that expects %s is refused, and its connection closed', async (_, request, status) => {
  expect(await answered(await open(request))).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});
