/**
 * A sandbox process that somebody has taken over: says what it likes to its supervisor. Its argument names the way in
 * which it breaks the protocol once it has been asked for something.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { encodeFrame } from '../../../src/api/frame.ts';

const socket = new Socket({ fd: 3, readable: true, writable: true });
const say = (message: object, blob?: Buffer): boolean => socket.write(encodeFrame(message, blob));
const header = (jsonBytes: number, blobBytes: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(jsonBytes, 0);
  bytes.writeUInt32LE(blobBytes, 4);
  return bytes;
};
const frameOf = (json: string): Buffer => Buffer.concat([header(Buffer.byteLength(json), 0), Buffer.from(json)]);
const value = (json: string | null): object => ({ kind: 'value', json });
const done = (id: number, report: object = value('1')): object => ({
  op: 'done',
  id,
  report,
  cpuMicroseconds: 1,
  heapBytes: 1,
  clean: true,
});

/** Says something again and again, as fast as the supervisor reads. */
async function flood(frame: Buffer): Promise<never> {
  const many = Buffer.concat(Array(Math.max(1, Math.floor(65_536 / frame.length))).fill(frame));
  for (;;) if (!socket.write(many)) await once(socket, 'drain');
}

const WAYS: Record<string, (id: number) => unknown> = {
  'random bytes': () => socket.write(Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 2654435761) >>> 24))),
  'zero bytes': () => socket.write(Buffer.alloc(1 << 20)),
  'a frame of 4 GiB': () => socket.write(header(0xffffffff, 0xffffffff)),
  'a blob of 4 GiB': () => socket.write(header(2, 0xffffffff)),
  'a frame that never comes': () => socket.write(header(1 << 20, 0)),
  'text that is not JSON': () => socket.write(frameOf('{"op":')),
  'JSON that nests without end': () => socket.write(frameOf('['.repeat(1 << 20))),
  'JSON that nests and ends': () => socket.write(frameOf('['.repeat(1 << 19) + ']'.repeat(1 << 19))),
  null: () => socket.write(frameOf('null')),
  'a list': () => socket.write(frameOf('[]')),
  'an unknown message': (id) => say({ op: 'exec', id }),
  'a message from a prototype': (id) => socket.write(frameOf(`{"__proto__":{"op":"done"},"id":${id}}`)),
  'an answer without a report': (id) => say({ op: 'done', id }),
  'an answer with negative numbers': (id) => say({ ...done(id), heapBytes: -1 }),
  'an answer with huge numbers': (id) =>
    socket.write(
      frameOf(
        JSON.stringify({ ...done(id), cpuMicroseconds: 0 }).replace('"cpuMicroseconds":0', '"cpuMicroseconds":1e999'),
      ),
    ),
  'an answer to another request': (id) => say(done(id + 1)),
  'an answer to no request': (id) => [say(done(id)), say(done(id))],
  'another answer than was asked for': (id) => say({ op: 'ack', id }),
  'a result that is not text': (id) => say(done(id, { kind: 'value', json: { a: 1 } })),
  'a result too long for any limit': (id) => say(done(id, value('"'.padEnd(1 << 21, 'x')))),
  'an error whose causes never end': (id) => say(done(id, { kind: 'thrown', error: causes(100) })),
  'a line from before time began': (id) =>
    say({ op: 'log', id, lines: [{ microseconds: -1, level: 'info', message: '' }] }),
  'a line of an unknown level': (id) =>
    say({ op: 'log', id, lines: [{ microseconds: 0, level: '__proto__', message: '' }] }),
  'more lines than a message may hold': (id) =>
    say({ op: 'log', id, lines: Array(2000).fill({ microseconds: 0, level: 'info', message: '' }) }),
  'code longer than it is': (id) => say({ op: 'compiled', id, codeBytes: -5, shifts: [] }),
  'calls by odd names': (id) => say({ op: 'call', id, call: 1, name: 1, args: '[]' }),
  'a word on standard error': () => process.stderr.write('x'.repeat(1 << 20), () => process.exit(3)),
  'its end': () => process.exit(0),
  'a crash': () => process.abort(),
  // From here on the supervisor has to end it: nothing of this is wrong in itself.
  nothing: () => {},
  'empty lines without end': (id) =>
    flood(encodeFrame({ op: 'log', id, lines: Array(1000).fill({ microseconds: 0, level: 'info', message: '' }) })),
  'long lines without end': (id) =>
    flood(
      encodeFrame({
        op: 'log',
        id,
        lines: Array(10).fill({ microseconds: 0, level: 'info', message: 'x'.repeat(100_000) }),
      }),
    ),
  'late lines without end': (id) => flood(encodeFrame({ op: 'log', id: id + 7, lines: [] })),
  'calls without end': (id) => flood(encodeFrame({ op: 'call', id, call: 1, name: 'ask', args: '[]' })),
  'spans without end': (id) =>
    flood(encodeFrame({ op: 'span', id, step: 'set', span: 0, attributes: { a: 1 }, microseconds: 1 })),
  'ends of spans without end': (id) => flood(encodeFrame({ op: 'span', id, step: 'end', span: 1, microseconds: 1 })),
  'long attributes without end': (id) =>
    flood(
      encodeFrame({
        op: 'span',
        id,
        step: 'set',
        span: 0,
        attributes: Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`a${index}`, 'x'.repeat(4096)])),
        microseconds: 1,
      }),
    ),
  'code without end': (id) =>
    flood(encodeFrame({ op: 'compiled', id, codeBytes: 1 << 19, shifts: [] }, Buffer.alloc(1 << 20))),
  'one byte at a time': async () => {
    const bytes = frameOf(JSON.stringify({ op: 'nothing', text: 'x'.repeat(100_000) }));
    for (let i = 0; ; i = (i + 1) % 8) if (!socket.write(bytes.subarray(i, i + 1))) await once(socket, 'drain');
  },
  'nothing and exits, leaving a process that holds its streams': () => {
    const left = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 10_000)'], {
      stdio: ['ignore', 'ignore', 'inherit', 3],
      detached: true,
    });
    left.unref();
    setTimeout(() => process.exit(0), 50);
  },
};

function causes(depth: number): object {
  let error: object = { message: 'm' };
  for (let i = 0; i < depth; i++) error = { message: 'm', cause: error };
  return error;
}

say({ op: 'ack', id: 0 });
socket.once(
  'data',
  (data) => void WAYS[process.argv[2] as string]?.((JSON.parse(data.toString('utf8', 8)) as { id: number }).id),
);
