/**
 * The loop of a process that compiles: contained as those that run scripts are, and given none to run. The supervisor kills
 * the process whenever a limit is passed.
 */
import type { Tools } from '../compiler/compile-file.ts';
import { compileProgram } from '../compiler/compile-program.ts';
import { NeedsMoreError } from '../compiler/needs-more-error.ts';
import { type FileTexts, mapsText, type ProgramGraph } from '../compiler/program.ts';
import { V8 } from '../compiler/v8.ts';
import { unpackSources } from '../wire/sources.ts';
import { packParts } from '../wire/texts.ts';
import type { CompileMessage, ToSandbox } from '../wire/to-sandbox.ts';
import { Isolate } from './addon.ts';
import { onClosed, receive, send } from './channel.ts';
import type { OpenOptions } from './code.ts';
import { withWebUse } from './web-use.ts';

/** Sources take room in the isolate until they are collected: a new one costs less. */
const BYTES_PER_ISOLATE = 16 << 20;

/** Makes the isolate that judges sources, and gives the loop. @param toolsWith what programs are compiled with */
export function openCompileService({ memoryMb, exit }: OpenOptions, toolsWith: (v8: V8) => Tools): () => never {
  onClosed(exit);
  const service = new CompileService(memoryMb, toolsWith);
  return () => {
    for (;;) {
      const { message, blob } = receive();
      const request = message as ToSandbox;
      if (request.op === 'compile') service.compile(request, blob);
      else if (request.op === 'ping') send({ op: 'ack', id: request.id });
    }
  };
}

class CompileService {
  readonly #memoryMb: number;
  readonly #toolsWith: (v8: V8) => Tools;
  #isolate: InstanceType<typeof Isolate>;
  #isolateBytes = 0;

  constructor(memoryMb: number, toolsWith: (v8: V8) => Tools) {
    this.#memoryMb = memoryMb;
    this.#toolsWith = toolsWith;
    this.#isolate = new Isolate({ memoryLimit: memoryMb });
  }

  compile(message: CompileMessage, blob: Buffer): void {
    const { id, mayHaveMore } = message;
    const source = unpackSources(message, blob);
    this.#renewIsolate(blob.length);
    try {
      const result = compileProgram(source, mayHaveMore, this.#toolsWith(new V8(this.#isolate)));
      if ('error' in result) {
        send({ op: 'compiled', id, compilation: { kind: 'error', error: result.error.report(result.file) } });
      } else if ('missing' in result) {
        send({ op: 'compiled', id, compilation: { kind: 'missing', names: result.missing } });
      } else {
        const byName = new Map(source.files.map((file) => [file.name, file.source]));
        answer(id, result.program, result.texts, byName);
      }
    } catch (error) {
      if (!(error instanceof NeedsMoreError)) throw error;
      send({ op: 'compiled', id, compilation: { kind: 'needs-more' } });
    }
  }

  #renewIsolate(bytes: number): void {
    this.#isolateBytes += bytes;
    if (this.#isolateBytes < BYTES_PER_ISOLATE) return;
    this.#isolateBytes = bytes;
    this.#isolate.dispose();
    this.#isolate = new Isolate({ memoryLimit: this.#memoryMb });
  }
}

function answer(
  id: number,
  graph: ProgramGraph,
  texts: readonly FileTexts[],
  sources: ReadonlyMap<string, string>,
): void {
  const isSource = texts.map(({ code }, i) => code === sources.get(graph.files[i]?.name as string));
  const { parts, blob } = packParts(
    texts.flatMap(({ code, cachedData, maps }, i) => [isSource[i] ? '' : code, cachedData, mapsText(maps)]),
  );
  const program = withWebUse(graph, texts);
  send({ op: 'compiled', id, compilation: { kind: 'program', program, isSource, parts } }, blob);
}
