import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { encodeFrame } from '../../../src/api/frame.ts';
import { type CallEnd, classify } from '../../../src/runtime/classify.ts';
import { Compiler, compiledOf } from '../../../src/runtime/compiler.ts';
import { Egress } from '../../../src/runtime/egress/egress.ts';
import { Environments } from '../../../src/runtime/env/environments.ts';
import { Execution } from '../../../src/runtime/execution.ts';
import { DEFAULT_LIMITS } from '../../../src/runtime/options.ts';
import { RunClock } from '../../../src/runtime/run-clock.ts';
import type { ProcessEnd } from '../../../src/runtime/sandbox-process.ts';
import type { Program } from '../../../src/runtime/types.ts';
import { VM, VMLostError } from '../../../src/runtime/vm.ts';
import type { Compilation, FromSandbox } from '../../../src/runtime/wire/from-sandbox.ts';
import { odd, spoiled } from '../mutations.ts';
import { check, type Target } from '../target.ts';

const VALID = [
  { op: 'ack', id: 1 },
  {
    op: 'compiled',
    id: 1,
    compilation: {
      kind: 'program',
      program: {
        files: [
          {
            name: 'script.js',
            kind: 'script',
            imports: {},
            mayWait: false,
            mayThrow: false,
            usesMeta: false,
            declaresContext: false,
          },
        ],
        imports: {},
      },
      isSource: [true],
      parts: [
        [0, 'latin1'],
        [3, 'bytes'],
        [0, 'latin1'],
      ],
    },
  },
  {
    op: 'compiled',
    id: 1,
    compilation: { kind: 'error', error: { message: 'x', file: 'script.js', line: 1, column: 1 } },
  },
  { op: 'compiled', id: 1, compilation: { kind: 'missing', names: ['lib.js'] } },
  { op: 'log', id: 1, lines: [{ microseconds: 5, level: 'info', message: 'hello' }] },
  { op: 'call', id: 1, call: 0, name: 'f', args: '[1,{"a":2}]' },
  {
    op: 'fetch',
    id: 1,
    call: 1,
    fetch: 0,
    step: 'start',
    head: { url: 'https://a.example/', method: 'POST', headers: [['a', 'b']], redirect: 'follow', body: 'stream' },
  },
  { op: 'fetch', id: 1, call: 2, fetch: 0, step: 'write' },
  { op: 'fetch', id: 1, call: 3, fetch: 0, step: 'read' },
  { op: 'respond', id: 1, call: 4, head: { status: 200, statusText: 'OK', headers: [['a', 'b']] }, last: false },
  { op: 'respond', id: 1, call: 5, last: true },
  ...[
    { kind: 'value', json: '{"a":[1,"\\u0000"]}' },
    { kind: 'thrown', error: { message: 'x', line: 1, column: 2, stack: 'at f', cause: { message: 'y' } } },
    { kind: 'result-too-large', bytes: 9 },
    { kind: 'never-settles' },
    { kind: 'out-of-memory' },
  ].map((report) => ({ op: 'done', id: 1, report, cpuMicroseconds: 5, heapBytes: 6, clean: true })),
];

/** Messages as a sandbox sends them, and as one that has been taken over may. */
const message = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...VALID) },
  { weight: 3, arbitrary: fc.constantFrom(...VALID).chain(spoiled) },
  odd,
);

const frame = fc
  .tuple(message, fc.uint8Array({ maxLength: 50 }))
  .map(([json, blob]) => encodeFrame((json ?? {}) as object, Buffer.from(blob)));

interface Stream {
  readonly bytes: Buffer;
  /** Where chunks end, as parts of the whole. */
  readonly cuts: readonly number[];
}

const stream: fc.Arbitrary<Stream> = fc
  .tuple(
    fc.array(frame, { minLength: 1, maxLength: 8 }),
    fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
    fc.boolean(),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
  )
  .map(([frames, flips, isFlipped, cuts]) => {
    const bytes = Buffer.concat(frames);
    if (isFlipped) for (const [at, value] of flips) bytes[at % bytes.length] = value;
    return { bytes, cuts: cuts.toSorted((a, b) => a - b) };
  });

/** A process that says what it is told to. */
class FakeProcess {
  readonly pid = 0;
  readonly socket = new Duplex({ read: () => {}, write: (_chunk, _encoding, callback) => callback() });
  readonly #end = Promise.withResolvers<ProcessEnd>();
  readonly ended = this.#end.promise;
  readonly isForked = true;
  readonly isOutdated = false;

  kill(): void {
    this.#end.resolve({ detail: 'signal SIGKILL', signal: 'SIGKILL', stderr: '' });
  }
}

const compiler = new Compiler({ enabled: true, size: 100 }, { compile: () => Promise.reject(new Error('unused')) });
const admission = { ceiling: DEFAULT_LIMITS, tenants: [] };

/** A program is kept whole, or refused. */
function keep(program: Program, compilation: Compilation, blob: Buffer): void {
  if (compilation.kind === 'needs-more') return;
  try {
    compiledOf(program, compilation, blob);
  } catch (error) {
    check(error instanceof RangeError, `a compiled program is refused with ${error}`);
  }
}

/** What comes out of a sandbox process, as the supervisor reads it. */
export const frames: Target<Stream> = {
  name: 'frames',
  title: 'frames of a sandbox process, as the supervisor reads and classifies them',
  input: stream,
  async run({ bytes, cuts }) {
    const process = new FakeProcess();
    const vm = new VM(process);
    vm.assign('acme');
    const serve = { request: { url: 'https://a.example/', method: 'GET', headers: [] }, respond: () => {} };
    const trace = { traceID: 'a'.repeat(32), spanID: 'b'.repeat(16), isSampled: true };
    const execution = new Execution('1', { tenantKey: 'acme', serve, trace }, admission, {
      compiler,
      environments: new Environments(),
    });
    execution.clock = new RunClock();
    execution.host.expose('f', (_call, ...args) => args.length);
    const calls: Promise<unknown>[] = [];
    const session = new Egress().open(
      { tenantKey: 'acme', tenant: 'acme', maxBytes: 1 << 20 },
      { reply: () => {}, exceeded: () => {}, reported: () => {} },
    );
    const request = vm.request({ op: 'ping', id: vm.nextRequestId() }, (said, blob) => {
      if (said.op === 'log') execution.log(said.lines);
      else if (said.op === 'compiled') keep(execution.program, said.compilation, blob);
      else if (said.op === 'fetch') session.handle(said, blob);
      else if (said.op === 'span') execution.spans?.step(said, execution.redactor);
      else if (said.op === 'respond') void execution.exchange?.take(said, blob);
      else if (said.op === 'body') execution.requestBody?.handle(said, () => {});
      else calls.push(execution.host.call(said.name, said.args, { tenantKey: 'acme' } as never));
    });
    const answered = request.then(
      (done) => done,
      (error: unknown) => error,
    );
    let from = 0;
    for (const cut of [...cuts.map((part) => Math.floor(part * bytes.length)), bytes.length]) {
      process.socket.emit('data', bytes.subarray(from, cut));
      from = cut;
    }
    process.kill();
    const answer = await answered;
    for (const reply of await Promise.all(calls)) check(typeof reply === 'object', 'a host call has no reply');
    if (answer instanceof Error) check(answer instanceof VMLostError, `the request fails with ${answer}`);
    check(!vm.alive, 'the VM outlives its process');
    expectVerdict(answer as CallEnd['answer'] | { op: string });
    check(execution.logs.lines().length <= 16_384, 'more lines than a log has room for');
  },
};

/** Whatever a sandbox says ends as a verdict that the API takes. */
function expectVerdict(answer: unknown): void {
  const { op, report, cpuMicroseconds, heapBytes } = answer as Extract<FromSandbox, { op: 'done' }>;
  // The supervisor takes any other answer to a run for a broken protocol.
  if (!(answer instanceof VMLostError) && op !== 'done') return;
  const end: CallEnd = {
    answer: answer instanceof VMLostError ? answer : { report, cpuMs: cpuMicroseconds / 1000, heapBytes },
    watch: { exceeded: undefined, cpuMs: 1, blockedMs: 0, peakGrowthBytes: 0, isBloated: false },
    wallMs: 2,
    tooManyCalls: false,
    tooManyFetchBytes: false,
    tooLargeResponse: false,
  };
  const { reason, result, error } = classify(end, DEFAULT_LIMITS);
  check((error === undefined) === (reason === 'Completed'), `${reason} with the error ${error}`);
  check(result === undefined || JSON.stringify(result).length < 1 << 20, 'a result without end');
  for (const position of [error?.line, error?.column]) {
    check(position === undefined || (position >= 1 && position < 2 ** 31), `a place at ${position}`);
  }
  const text = `${error?.message}${error?.stack}`;
  check(text.isWellFormed() && !text.includes('\0') && text.length < 100_000, 'an error that no API takes');
}
