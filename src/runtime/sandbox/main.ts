/**
 * The process that runs scripts: one isolate, one run at a time, in one blocking loop. Descriptor 3 is the socket to the
 * supervisor, which kills the process whenever a limit is passed. Of the same code: the process that compiles with V8 alone.
 */
import { v8Alone } from '../compiler/compile-file.ts';
import { unpackParts } from '../wire/texts.ts';
import type { LoadMessage, RunMessage, ToSandbox } from '../wire/to-sandbox.ts';
import { FD, onBeforeRead, onClosed, receive, send } from './channel.ts';
import type { OpenOptions } from './code.ts';
import { openCompileService } from './compile-service.ts';
import { loadProgram, preloadLoading } from './load-program.ts';
import { echoLines } from './log-writer.ts';
import { LoadedProgram } from './program.ts';
import { waitReadable, wakeEvery } from './readable.ts';
import { type EvaluatedModule, type RunEnd, run } from './run.ts';
import type { RunContext } from './run-context.ts';
import { preloadGuest, Sandbox } from './sandbox.ts';
import { preloadPositions } from './stack.ts';
import { setV8Flag } from './v8-flags.ts';
import { preloadCryptoAndCompression, preloadPlatform } from './web/platform.ts';

let sandbox: Sandbox;
let exit: () => never;
const programs = new Map<string, LoadedProgram>();

export function preload(): void {
  preloadGuest();
  preloadPositions();
  preloadPlatform();
}

export function preloadLate(): void {
  preloadCryptoAndCompression();
  preloadLoading();
  ageHeap();
}

/**
 * What is left in the young generation would be moved in each forked process, which then has pages of its own: 2 MB. What has
 * outlived two collections of it is old. To collect all of the heap takes ten milliseconds more and frees nothing that counts.
 */
function ageHeap(): void {
  const { runInNewContext } = require('node:vm') as typeof import('node:vm');
  setV8Flag('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  setV8Flag('--no-expose-gc');
  for (let i = 0; i < 2; i++) collect({ type: 'minor' });
}

export function open(options: OpenOptions): () => never {
  if (options.kind === 'v8') return openCompileService(options, v8Alone);
  exit = options.exit;
  onClosed(exit);
  if (options.wakeEveryMs !== undefined) {
    wakeEvery(options.wakeEveryMs);
    onBeforeRead(() => waitReadable(FD, Number.POSITIVE_INFINITY));
  }
  if (options.onLog !== undefined) echoLines(options.onLog);
  sandbox = new Sandbox(options.memoryMb);
  return () => {
    for (;;) {
      const { message, blob } = receive();
      handle(message as ToSandbox, blob);
    }
  };
}

function handle(message: ToSandbox, blob: Buffer): void {
  switch (message.op) {
    case 'run':
      execute(message, blob);
      break;
    case 'load':
      load(message, blob);
      break;
    case 'forget':
      programs.get(message.key)?.release();
      programs.delete(message.key);
      break;
    case 'reset':
      programs.clear();
      evaluated = undefined;
      sandbox.reset();
      send({ op: 'ack', id: message.id });
      break;
    case 'ping':
      send({ op: 'ack', id: message.id });
      break;
    case 'reply':
      break; // late: its run is over
    case 'compile':
      throw new Error('a sandbox does not compile');
  }
}

function load(message: LoadMessage, blob: Buffer): void {
  const loaded = loadProgram(sandbox.isolate, message, blob);
  if (typeof loaded !== 'string') {
    programs.set(message.key, loaded);
    // What compiling takes is not the script's.
    sandbox.remeasure();
  }
  send({ op: 'loaded', id: message.id, loading: typeof loaded === 'string' ? loaded : 'loaded' });
}

function execute(message: RunMessage, blob: Buffer): void {
  const before = process.cpuUsage();
  const bodyAt = blob.length - (message.request?.bodyBytes ?? 0);
  const key = moduleKey(message);
  if (evaluated !== undefined && evaluated.key !== key) forgetModule();
  const heldBytes = evaluated?.heldBytes ?? sandbox.idleBytes;
  const context = evaluated?.context ?? sandbox.take();
  const { report, clean, module } = ending(() => {
    const program = programFor(message, blob.subarray(0, bodyAt));
    const body = blob.subarray(bodyAt);
    return evaluated?.module.answer(message, body) ?? run(sandbox, context, program, message, body);
  });
  const { user, system } = process.cpuUsage(before);
  const totalBytes = sandbox.isolate.isDisposed ? 0 : sandbox.heapBytes();
  const heapBytes = Math.max(0, totalBytes - heldBytes);
  send({ op: 'done', id: message.id, report, cpuMicroseconds: user + system, heapBytes, clean });
  if (sandbox.isolate.isDisposed) exit();
  evaluated = module === undefined || key === undefined ? undefined : { key, module, context, heldBytes: totalBytes };
  if (evaluated === undefined) sandbox.release(context);
  sandbox.prepare(totalBytes);
}

/** The module that stays evaluated for the next request. */
let evaluated:
  | { readonly key: string; readonly module: EvaluatedModule; readonly context: RunContext; readonly heldBytes: number }
  | undefined;

function forgetModule(): void {
  evaluated?.module.release();
  if (evaluated !== undefined) sandbox.release(evaluated.context);
  evaluated = undefined;
}

/** What makes a module another one. */
function moduleKey({ request, program, env, hostFunctions }: RunMessage): string | undefined {
  const name = request?.module;
  return name === undefined ? undefined : JSON.stringify([name, program.key, env, hostFunctions]);
}

function ending(runIt: () => RunEnd): RunEnd {
  try {
    return runIt();
  } catch (error) {
    if (sandbox.isolate.isDisposed) return { report: { kind: 'out-of-memory' }, clean: false };
    throw error;
  }
}

function programFor({ program: { key, body } }: RunMessage, blob: Buffer): LoadedProgram {
  const known = programs.get(key);
  if (known !== undefined) return known;
  if (body === undefined) throw new Error('unknown program');
  const loaded = new LoadedProgram(sandbox.isolate, body.program, unpackParts(body.parts, blob));
  programs.set(key, loaded);
  return loaded;
}
