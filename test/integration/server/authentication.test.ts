import { createHmac, generateKeyPairSync } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeToken } from '../../../src/api/pod-token.ts';
import { outcomeOf, POD_UID, PodProcess, refusalOf, runRequest, type SendOptions } from './pod-process.ts';

let pod: PodProcess;
beforeAll(async () => {
  pod = await PodProcess.serving();
});
afterAll(async () => await pod[Symbol.asyncDispose]());

const BODY = JSON.stringify(runRequest());

describe('only requests signed by the operator are served', () => {
  test.each<[string, () => Promise<SendOptions>]>([
    ['unsigned', async () => ({ authorization: undefined })],
    ['no token', async () => ({ authorization: 'Bearer nonsense' })],
    ['for another pod', async () => ({ claims: { podUID: 'another' } })],
    ['for another path', async () => ({ claims: { path: '/v1/runs/x.1.2' } })],
    ['for another body', async () => ({ sentBody: BODY.replace('1 + 1', '6 * 7') })],
    [
      'of a foreign key',
      async () => {
        const { privateKey } = generateKeyPairSync('ed25519');
        const claims = {
          podUID: POD_UID,
          bootID: pod.bootID,
          epoch: 1,
          method: 'POST',
          path: '/v1/runs/x.1.1',
          body: BODY,
        };
        return { authorization: `Bearer ${makeToken(privateKey, claims)}` };
      },
    ],
    [
      'of HMAC with a public key',
      async () => {
        const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
        const [head, claims] = [{ alg: 'HS256' }, { aud: POD_UID }].map((part) =>
          Buffer.from(JSON.stringify(part)).toString('base64url'),
        );
        const signature = createHmac('sha256', JSON.stringify(jwk)).update(`${head}.${claims}`);
        return { authorization: `Bearer ${head}.${claims}.${signature.digest('base64url')}` };
      },
    ],
  ])('%s: 401, nothing is started, and the connection closes', async (_, options) => {
    const answer = await pod.send('POST', '/v1/runs/x.1.1', BODY, await options());
    expect(refusalOf(answer)).toEqual([401, 'Unauthenticated']);
    expect(answer.headers.connection).toBe('close');
    expect(refusalOf(await pod.get('x.1.1'))).toEqual([404, 'UnknownRun']);
  });

  test.each(['/v1/stats', '/v1/runs/x.1.1', '/', '/v2', '/metrics/', '/healthz/../v1/stats'])(
    '%s needs authentication',
    async (path) => {
      const { status } = await pod.open(path);
      expect([path, status]).toEqual([path, path === '/metrics/' ? 200 : 401]);
    },
  );

  test('a large unauthenticated body is answered like a small one', async () => {
    const body = 'x'.repeat(5 << 20);
    expect(refusalOf(await pod.send('POST', '/v1/runs/x.1.1', body, { authorization: undefined }))).toEqual([
      401,
      'Unauthenticated',
    ]);
  });

  test('a replayed request is refused, and the run it started continues', async () => {
    const path = '/v1/runs/replay.1.1';
    const authorization = await pod.sign({ method: 'POST', path, body: BODY });
    const first = await pod.send('POST', path, BODY, { authorization });
    expect(outcomeOf(first).result).toBe(2);
    expect(refusalOf(await pod.send('POST', path, BODY, { authorization }))).toEqual([401, 'Unauthenticated']);
    expect((await pod.get('replay.1.1')).text).toBe(first.text);
  });
});

describe('only this boot of the pod, and the newest leader', () => {
  test('a request for another boot: 412, and the answer has this boot id', async () => {
    const answer = await pod.run('y.1.1', {}, { claims: { bootID: 'earlier' } });
    expect(refusalOf(answer)).toEqual([412, 'OtherBoot']);
    expect(JSON.parse(answer.text)).toMatchObject({ bootID: pod.bootID });
    expect(refusalOf(await pod.run('y.1.1', {}, { claims: { bootID: undefined } }))).toEqual([412, 'OtherBoot']);
    expect(refusalOf(await pod.get('y.1.1', { claims: { bootID: undefined } }))).toEqual([404, 'UnknownRun']);
  });

  test('each start has its own boot id', async () => {
    await using other = await PodProcess.start();
    expect(other.bootID).not.toBe(pod.bootID);
    expect((await other.stats()).bootID).toBe(other.bootID);
  });

  test('a request of a former leader: 409, and the answer has the newest epoch', async () => {
    await using other = await PodProcess.serving();
    other.epoch = 7;
    await other.run('y.1.1');
    other.epoch = 6;
    const answer = await other.run('y.1.2');
    expect(refusalOf(answer)).toEqual([409, 'StaleEpoch']);
    expect(JSON.parse(answer.text)).toMatchObject({ epoch: 7 });
    expect(refusalOf(await other.acknowledge('y.1.1'))).toEqual([409, 'StaleEpoch']);
    other.epoch = 8;
    expect((await other.acknowledge('y.1.1')).status).toBe(204);
  });
});

describe('a connection', () => {
  /** Sends bytes and returns the answer until the pod closes the connection; undefined if it does not in time. */
  function raw(text: string, withinMs: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      let answer = '';
      const socket = connect(pod.port, '127.0.0.1', () => socket.write(text));
      const timer = setTimeout(() => {
        socket.destroy();
        resolve(undefined);
      }, withinMs);
      socket.on('data', (part) => {
        answer += part.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }

  test.each([
    ['with headers without end', `GET /healthz HTTP/1.1\r\nhost: x\r\na: ${'b'.repeat(20_000)}`, /^HTTP\/1\.1 431/],
    ['that does not use HTTP', '\u0016\u0003\u0001 hello\r\n\r\n', /^HTTP\/1\.1 400/],
    ['of an unknown client, after one answer', 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1\.1 200 OK/],
  ])('%s is closed', async (_, text, expected) => {
    expect(await raw(text, 5000)).toMatch(expected);
  });

  test('of a slow client is closed', async () => {
    const path = '/v1/runs/slow.1.1';
    const authorization = await pod.sign({ method: 'POST', path, body: '{}' });
    const answers = await Promise.all([
      raw('', 20_000),
      raw('GET /healthz HTTP/1.1\r\nhost:', 20_000),
      raw(`POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-length: 2\r\n\r\n{`, 20_000),
    ]);
    for (const answer of answers) expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect((await pod.open('/healthz')).status).toBe(200);
  });

  test('of a client that has not signed is answered before its body arrives', async () => {
    const answer = await raw('POST /v1/runs/q.1.1 HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n', 20_000);
    expect(answer).toMatch(/^HTTP\/1\.1 401 .*connection: close.*"the request is not signed"/is);
  });

  test('of the operator is kept open', async () => {
    const { headers } = await pod.send('GET', '/v1/stats');
    expect(headers['keep-alive']).toBe('timeout=300');
  });
});
