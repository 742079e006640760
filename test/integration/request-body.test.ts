import { describe, expect, test } from '@jest/globals';
import type { ExecuteOptions, Respond } from '../../src/index.ts';
import { engineForTests } from './support/engine.ts';
import { ResponseReader } from './support/response-reader.ts';

const engine = engineForTests();

const POST = { url: 'https://shop.example/', method: 'POST', headers: [] } as const;
const ECHO = 'export default (request) => new Response(request.body);';

/** A body whose pieces are given one by one, and what is asked of it. */
function body(pieces: readonly (string | Uint8Array | Error)[]) {
  const seen = { asked: 0, closed: 0 };
  const queue = [...pieces];
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      seen.asked++;
      const piece = queue.shift();
      if (piece instanceof Error) throw piece;
      return piece === undefined
        ? { done: true, value: undefined }
        : { done: false, value: Buffer.from(piece as string) };
    },
    async return() {
      seen.closed++;
      return { done: true, value: undefined };
    },
  };
  return { seen, pieces: { [Symbol.asyncIterator]: () => iterator } };
}

/** Has a web handler answer a request with a body that arrives while it runs. */
async function answer(
  source: string,
  pieces: AsyncIterable<Uint8Array>,
  {
    respond,
    method = 'POST',
    module,
    ...options
  }: ExecuteOptions & { respond?: Respond; method?: string; module?: string } = {},
) {
  const reader = new ResponseReader();
  const serve = {
    request: { ...POST, method, body: pieces },
    respond: respond ?? reader.respond,
    ...(module === undefined ? {} : { module }),
  };
  const { reason, error } = await engine.run(source, { ...options, serve });
  return { reason, message: error?.message, text: reader.response.body };
}

describe('the body of a request that is streamed', () => {
  test.each([
    ['text()', 'export default async (request) => new Response(await request.text());'],
    [
      'a reader',
      `export default async (request) => {
      const parts = [];
      for await (const part of request.body) parts.push(new TextDecoder().decode(part));
      return new Response(parts.join(''));
    };`,
    ],
    [
      'a reader with a buffer of its own',
      `export default async (request) => {
      const reader = request.body.getReader({ mode: 'byob' });
      let text = '';
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(3));
        if (done) return new Response(text);
        text += new TextDecoder().decode(value);
      }
    };`,
    ],
    [
      'a clone',
      'export default async (request) => { const copy = request.clone(); await request.text(); return new Response(await copy.text()); };',
    ],
    ['another Request', 'export default async (request) => new Response(await new Request(request).text());'],
    ['the response', ECHO],
    [
      'a stream that changes it',
      'export default (request) => new Response(request.body.pipeThrough(new TextDecoderStream()).pipeThrough(new TextEncoderStream()));',
    ],
  ])('is read by %s', async (_, source) => {
    const { seen, pieces } = body(['one ', 'two ', 'three']);
    expect(await answer(source, pieces)).toEqual({ reason: 'Completed', message: undefined, text: 'one two three' });
    expect(seen.asked).toBe(4);
  });

  test('is JSON, a form, or nothing', async () => {
    const json = 'export default async (request) => Response.json(await request.json());';
    expect((await answer(json, body(['{"a":', '[1]}']).pieces)).text).toBe('{"a":[1]}');
    const empty = 'export default async (request) => Response.json([request.body !== null, await request.text()]);';
    expect((await answer(empty, body([]).pieces)).text).toBe('[true,""]');
  });

  test('arrives while the response is sent: duplex', async () => {
    const said: string[] = [];
    const { promise: first, resolve } = Promise.withResolvers<void>();
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('ping');
      await first; // The rest is not there before the first part of the response is.
      yield Buffer.from('pong');
    }
    const respond: Respond = ({ bytes }) => {
      if (bytes.length === 0) return;
      said.push(bytes.toString());
      resolve();
    };
    expect((await answer(ECHO, pieces(), { respond })).reason).toBe('Completed');
    expect(said).toEqual(['ping', 'pong']);
  });

  test('is asked for no more than the script reads, and closed when it reads no more', async () => {
    const one = `export default async (request) => {
      const reader = request.body.getReader();
      const { value } = await reader.read();
      return new Response(value);
    };`;
    const part = body(['first', 'second']);
    expect(await answer(one, part.pieces)).toMatchObject({ reason: 'Completed', text: 'first' });
    expect(part.seen).toEqual({ asked: 1, closed: 1 });
    const unread = body(['first']);
    expect(await answer('export default () => new Response("no");', unread.pieces)).toMatchObject({ text: 'no' });
    expect(unread.seen).toEqual({ asked: 0, closed: 1 });
  });

  test('is cancelled with its stream, also while it is waited for', async () => {
    const { promise: never } = Promise.withResolvers<IteratorResult<Uint8Array>>();
    const seen: string[] = [];
    const iterator = {
      next: () => never,
      return: async () => {
        seen.push('closed');
        return { done: true, value: undefined } as const;
      },
    };
    const source = `export default async (request) => {
      const reader = request.body.getReader();
      const reading = reader.read();
      await new Promise((go) => setTimeout(go, 5));
      await reader.cancel();
      return Response.json(await reading);
    };`;
    const { reason, text } = await answer(source, { [Symbol.asyncIterator]: () => iterator });
    expect([reason, text, seen]).toEqual(['Completed', '{"done":true}', ['closed']]);
  });

  test('of a GET is not read: as the Fetch standard has it, a GET has no body', async () => {
    const { seen, pieces } = body(['first']);
    const source = 'export default (request) => Response.json(request.body);';
    expect(await answer(source, pieces, { method: 'GET' })).toMatchObject({ text: 'null' });
    expect(seen).toEqual({ asked: 0, closed: 1 });
  });

  test('that breaks off is an error of what reads it', async () => {
    const source = `export default async (request) => {
      try { await request.text(); } catch (error) { return new Response(\`\${error.name}: \${error.message}\`); }
    };`;
    const { pieces } = body(['first', new Error('ECONNRESET of 10.0.0.1')]);
    expect((await answer(source, pieces)).text).toBe('TypeError: the body of the request did not arrive whole');
  });

  test('of several megabytes comes in pieces that fit', async () => {
    const big = new Uint8Array(3_000_000).fill(7);
    const source = `export default async (request) => {
      let [bytes, longest, sevens] = [0, 0, true];
      for await (const part of request.body) {
        bytes += part.length;
        longest = Math.max(longest, part.length);
        sevens &&= part.every((byte) => byte === 7);
      }
      return Response.json([bytes, longest <= 262144, sevens]);
    };`;
    expect((await answer(source, body([big, big]).pieces)).text).toBe('[6000000,true,true]');
  });

  test('of more than 64 MiB is refused where that shows', async () => {
    const source = `export default async (request) => {
      let bytes = 0;
      try { for await (const part of request.body) bytes += part.length; } catch (error) { return Response.json([bytes, error.message]); }
    };`;
    const mebibyte = new Uint8Array(1 << 20);
    const { pieces } = body(new Array<Uint8Array>(65).fill(mebibyte));
    const { text } = await answer(source, pieces);
    expect(JSON.parse(text)).toEqual([64 << 20, `the body of the request has more than ${64 << 20} bytes`]);
  });

  test('waits no longer than the script may, and is closed then', async () => {
    const { promise: never } = Promise.withResolvers<IteratorResult<Uint8Array>>();
    let closed = 0;
    const iterator = {
      next: () => never,
      return: async () => {
        closed++;
        return { done: true, value: undefined } as const;
      },
    };
    const waiting = { [Symbol.asyncIterator]: () => iterator };
    const { reason } = await answer(ECHO, waiting, { limits: { timeoutMs: 100 } });
    expect([reason, closed]).toEqual(['TimeoutExceeded', 1]);
  });

  test('is closed where no script runs', async () => {
    const { seen, pieces } = body(['first']);
    expect((await answer('export default (', pieces)).reason).toBe('CompilationError');
    expect(seen).toEqual({ asked: 0, closed: 1 });
  });

  test('cannot be read by a later request of the same module', async () => {
    const source = `let kept;
    export default async (request) => {
      if (kept === undefined) { kept = request; return new Response('kept'); }
      const mine = await request.text();
      return Response.json([mine, await kept.text().catch((error) => error.message)]);
    };`;
    expect((await answer(source, body(['theirs']).pieces, { module: 'm' })).text).toBe('kept');
    const { text } = await answer(source, body(['mine']).pieces, { module: 'm' });
    expect(JSON.parse(text)).toEqual(['mine', 'the request is over: its body can no longer be read']);
  });
});
