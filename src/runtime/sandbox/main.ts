/**
 * The process that runs scripts: one isolate, one run at a time, in one blocking loop. Descriptor 3 is the socket to the
 * supervisor, which kills the process whenever a limit is passed.
 */
import { MAX_CODE_BYTES, MAX_SHIFTS } from '../wire/from-sandbox.ts';
import type { RunMessage, ToSandbox } from '../wire/to-sandbox.ts';
import { onClosed, receive, send } from './channel.ts';
import type { OpenOptions } from './code.ts';
import { type LoadedProgram, loadProgram } from './compile.ts';
import { collectAfterCompiling } from './own-garbage.ts';
import { type RunEnd, run } from './run.ts';
import { preloadGuest, Sandbox } from './sandbox.ts';
import { BrokenStripperError, stripTypes } from './strip-types.ts';
import { SourceError } from './syntax-error.ts';

let sandbox: Sandbox;
let exit: () => never;
const programs = new Map<string, LoadedProgram>();

export function preload(): void {
  preloadGuest();
  stripTypes('');
}

export function open(options: OpenOptions): () => never {
  exit = options.exit;
  onClosed(exit);
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
    case 'compile':
      execute(message, blob);
      break;
    case 'forget':
      programs.get(message.key)?.script.release();
      programs.delete(message.key);
      break;
    case 'reset':
      programs.clear();
      sandbox.reset();
      send({ op: 'ack', id: message.id });
      break;
    case 'load-typescript':
      stripTypes('');
      send({ op: 'ack', id: message.id });
      break;
    case 'ping':
      send({ op: 'ack', id: message.id });
      break;
    case 'reply':
      break; // late: its run is over
  }
}

function execute(message: Extract<ToSandbox, { op: 'run' | 'compile' }>, blob: Buffer): void {
  const before = process.cpuUsage();
  const fresh = message.op === 'run' ? sandbox.take() : undefined;
  const { report, clean } = loadAndRun(message, blob, fresh);
  const { user, system } = process.cpuUsage(before);
  const totalBytes = sandbox.isolate.isDisposed ? 0 : sandbox.heapBytes();
  const heapBytes = Math.max(0, totalBytes - (fresh?.heapBytes ?? 0));
  send({ op: 'done', id: message.id, report, cpuMicroseconds: user + system, heapBytes, clean });
  if (sandbox.isolate.isDisposed) exit();
  fresh?.release();
  sandbox.prepare(totalBytes);
}

function loadAndRun(
  message: Extract<ToSandbox, { op: 'run' | 'compile' }>,
  blob: Buffer,
  fresh: ReturnType<Sandbox['take']> | undefined,
): RunEnd {
  try {
    const program = programFor(message, blob);
    if (fresh === undefined) return { report: { kind: 'value', json: null }, clean: true };
    return run(sandbox, fresh, program, message as RunMessage);
  } catch (error) {
    if (sandbox.isolate.isDisposed) return { report: { kind: 'out-of-memory' }, clean: false };
    if (error instanceof SourceError) {
      return { report: { kind: 'syntax', error: error.report }, clean: !(error instanceof BrokenStripperError) };
    }
    throw error;
  }
}

function programFor(message: Extract<ToSandbox, { op: 'run' | 'compile' }>, blob: Buffer): LoadedProgram {
  const { key } = message.program;
  const known = programs.get(key);
  if (known !== undefined) return known;
  const { loaded, compiled } = loadProgram(sandbox.isolate, message.program, blob);
  programs.set(key, loaded);
  if (compiled !== undefined) {
    const code = Buffer.from(compiled.code);
    const parts = Buffer.concat([code, compiled.cachedData]);
    // What is bigger stays here: the supervisor would take its frame for an attack.
    if (parts.length <= MAX_CODE_BYTES && compiled.shifts.length <= MAX_SHIFTS)
      send({ op: 'compiled', id: message.id, codeBytes: code.length, shifts: compiled.shifts }, parts);
    collectAfterCompiling(compiled.code.length);
  }
  return loaded;
}
