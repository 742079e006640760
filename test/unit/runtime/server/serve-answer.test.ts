import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { readServed } from '../../../../src/cluster/pods/serve-reader.ts';
import { ServeAnswer } from '../../../../src/runtime/server/serve-answer.ts';

const HEAD = { status: 200, statusText: '', headers: [] };
const STATE = Buffer.from('{"state":"finished"}');

/** What a gateway reads of an answer, in order; and how often the pod has written before the end. */
async function answered(
  act: (answer: ServeAnswer, isRead: Promise<void>) => unknown,
): Promise<{ read: string[]; writes: number }> {
  const isRead = Promise.withResolvers<void>();
  let writes = 0;
  const server = createServer((_request, response: ServerResponse) => {
    const write = response.write.bind(response) as (bytes: Buffer) => boolean;
    response.write = (bytes: Buffer) => {
      writes++;
      return write(bytes);
    };
    void act(new ServeAnswer(response), isRead.promise);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const read: string[] = [];
    const { port } = server.address() as AddressInfo;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ port, host: '127.0.0.1', agent: false }, resolve).on('error', reject);
    });
    const outcome = await readServed(response, 1 << 20, {
      onPart: ({ bytes, isLast }) => {
        read.push(bytes.toString());
        if (isLast) isRead.resolve();
      },
    });
    return { read: [...read, outcome], writes };
  } finally {
    server.close();
  }
}

describe('the last part of a response', () => {
  test('leaves with the outcome that follows at once', async () => {
    const { read, writes } = await answered(async (answer) => {
      void answer.respond({ head: HEAD, bytes: Buffer.from('all'), isLast: true });
      for (let i = 0; i < 20; i++) await undefined;
      answer.end(STATE);
    });
    expect([read, writes]).toEqual([['all', STATE.toString()], 0]);
  });

  test('does not wait for an outcome that takes longer', async () => {
    const { read, writes } = await answered(async (answer, isRead) => {
      void answer.respond({ head: HEAD, bytes: Buffer.from('first'), isLast: false });
      void answer.respond({ bytes: Buffer.from('last'), isLast: true });
      await isRead;
      answer.end(STATE);
    });
    expect([read, writes]).toEqual([['first', 'last', STATE.toString()], 2]);
  });
});

test('an outcome without a response stands alone', async () => {
  expect((await answered((answer) => answer.end(STATE))).read).toEqual([STATE.toString()]);
});
