/**
 * The process that compiles: contained as those that run scripts are, and given none to run. Descriptor 3 is the socket to
 * the supervisor, which kills the process whenever a limit is passed.
 */

import { compileProgram } from '../compiler/compile-program.ts';
import { instrument, parseSource } from '../compiler/instrument.ts';
import type { CompiledProgram } from '../compiler/program.ts';
import { NeedsTypeScriptError, TypeScriptCompiler } from '../compiler/typescript.ts';
import { V8 } from '../compiler/v8.ts';
import { packParts, unpackParts } from '../wire/texts.ts';
import type { CompileMessage, ToSandbox } from '../wire/to-sandbox.ts';
import { Isolate } from './addon.ts';
import { onClosed, receive, send } from './channel.ts';
import type { SandboxCode } from './code.ts';

const MEMORY_MB = 512;
/** Sources take room in the isolate until they are collected: a new one costs less. */
const BYTES_PER_ISOLATE = 16 << 20;

type Oxc = ConstructorParameters<typeof TypeScriptCompiler>[0];
export type LoadTypeScript = NonNullable<ConstructorParameters<typeof TypeScriptCompiler>[1]>;

let typescript: TypeScriptCompiler;
let isolate: InstanceType<typeof Isolate>;
let isolateBytes = 0;

/** @param load gives TypeScript's own compiler, for the processes that have it */
export function compilerCode(load?: LoadTypeScript): SandboxCode {
  const code: SandboxCode = {
    preload() {
      typescript ??= new TypeScriptCompiler(require(oxcFile()) as Oxc, load);
      // Each has something that it loads when it is first used.
      typescript.compile('let warm: 1 = 1', 'warm.ts', () => true);
      if (load !== undefined) typescript.compile('class A { accessor warm: 1 = 1 }', 'warm.ts', () => false);
      instrument(parseSource('throw 1', 'script'), 'throw 1', 'warm.js', NAMES, { isAsync: true, isModule: false });
    },
    open({ exit }) {
      code.preload();
      onClosed(exit);
      isolate = new Isolate({ memoryLimit: MEMORY_MB });
      return serve;
    },
  };
  return code;
}

const NAMES = { thrown: 'a', load: 'b', meta: 'c', value: 'd' };

/** The addon of oxc, which is among the files that this process may read. */
function oxcFile(): string {
  const flag = process.execArgv.find((each) => /--allow-fs-read=.*oxc.*\.node$/.test(each));
  return (flag as string).slice('--allow-fs-read='.length);
}

function serve(): never {
  for (;;) {
    const { message, blob } = receive();
    const request = message as ToSandbox;
    if (request.op === 'compile') compile(request, blob);
    else if (request.op === 'ping') send({ op: 'ack', id: request.id });
  }
}

function compile(message: CompileMessage, blob: Buffer): void {
  const { id, imports, mayHaveMore } = message;
  const sources = unpackParts(message.parts, blob) as string[];
  const files = message.files.map((file, i) => ({ ...file, source: sources[i] as string }));
  renewIsolate(blob.length);
  try {
    const result = compileProgram({ files, imports }, mayHaveMore, { v8: new V8(isolate), typescript });
    if ('error' in result) {
      send({ op: 'compiled', id, compilation: { kind: 'error', error: result.error.report(result.file) } });
    } else if ('missing' in result) {
      send({ op: 'compiled', id, compilation: { kind: 'missing', names: result.missing } });
    } else {
      const byName = new Map(files.map(({ name, source }) => [name, source]));
      answer(id, result.program, result.texts, byName);
    }
  } catch (error) {
    if (!(error instanceof NeedsTypeScriptError)) throw error;
    send({ op: 'compiled', id, compilation: { kind: 'needs-typescript' } });
  }
}

type Texts = Extract<ReturnType<typeof compileProgram>, { texts: unknown }>['texts'];

function answer(id: number, program: CompiledProgram, texts: Texts, sources: ReadonlyMap<string, string>): void {
  const isSource = texts.map(({ code }, i) => code === sources.get(program.files[i]?.name as string));
  const { parts, blob } = packParts(
    texts.flatMap(({ code, cachedData, maps }, i) => [
      isSource[i] ? '' : code,
      cachedData,
      maps.length === 0 ? '' : JSON.stringify(maps),
    ]),
  );
  send({ op: 'compiled', id, compilation: { kind: 'program', program, isSource, parts } }, blob);
}

function renewIsolate(bytes: number): void {
  isolateBytes += bytes;
  if (isolateBytes < BYTES_PER_ISOLATE) return;
  isolateBytes = bytes;
  isolate.dispose();
  isolate = new Isolate({ memoryLimit: MEMORY_MB });
}
