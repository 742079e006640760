import type ivm from 'isolated-vm';
import type { CompiledCode, ProgramRef, Shift } from '../wire/to-sandbox.ts';
import { ExternalCopy } from './addon.ts';
import { originalColumn } from './edits.ts';
import { stripTypes } from './strip-types.ts';
import { SourceError } from './syntax-error.ts';
import { type Goal, transform } from './transform.ts';

/** A program in this isolate, ready to run in any of its contexts. */
export interface LoadedProgram {
  readonly script: ivm.Script;
  readonly name: string;
  readonly shifts: readonly Shift[];
}

/** What a compilation gave that other processes can start from. */
export interface Compiled extends CompiledCode {
  readonly cachedData: Buffer;
}

/**
 * Compiles a program from its source, or from what an earlier compilation gave.
 * @throws SourceError if it does not parse or imports something.
 */
export function loadProgram(
  isolate: ivm.Isolate,
  program: ProgramRef,
  blob: Buffer,
): { loaded: LoadedProgram; compiled?: Compiled } {
  const { name, body } = program;
  if (body === undefined) throw new Error('unknown program');
  if (body.form === 'compiled') {
    const { code, shifts } = body.code;
    const cachedData = blob.length > 0 ? { cachedData: new ExternalCopy(toArrayBuffer(blob)) } : {};
    return { loaded: { script: isolate.compileScriptSync(code, { filename: name, ...cachedData }), name, shifts } };
  }
  const source = body.source.startsWith('\uFEFF') ? body.source.slice(1) : body.source;
  const javascript = body.language === 'TypeScript' ? stripTypes(source) : source;
  const { code, shifts } = transform(javascript, parseAlone(isolate, javascript, name), name);
  const script = compileWrapped(isolate, code, name, shifts);
  const { cachedData } = script as ivm.Script & { cachedData?: ivm.ExternalCopy<ArrayBuffer> };
  const bytes = cachedData === undefined ? Buffer.alloc(0) : Buffer.from(cachedData.copy());
  return { loaded: { script, name, shifts }, compiled: { code, shifts, cachedData: bytes } };
}

/** The source has parsed alone; a few oddities, such as an HTML comment in its first line, do not inside a function. */
function compileWrapped(isolate: ivm.Isolate, code: string, name: string, shifts: readonly Shift[]): ivm.Script {
  try {
    return isolate.compileScriptSync(code, { filename: name, produceCachedData: true });
  } catch (error) {
    const { message, line, column } = sourceError(error as Error).report;
    throw new SourceError(message, line, line && column && originalColumn(shifts, line, column));
  }
}

const toArrayBuffer = (blob: Buffer): ArrayBuffer => {
  const copy = new ArrayBuffer(blob.length);
  blob.copy(Buffer.from(copy));
  return copy;
};

/** Has V8 parse the source as it is, so that its errors are V8's own and what follows can trust its syntax. */
function parseAlone(isolate: ivm.Isolate, source: string, name: string): Goal {
  if (!/\.m[jt]s$/.test(name)) {
    try {
      isolate.compileScriptSync(source, { filename: name }).release();
      // To a script, `await (x)` is a call of a function; who writes it means what a module means by it.
      return mayAwait(isolate, source, name) ? 'async' : 'script';
    } catch (error) {
      const goal = goalAfter((error as Error).message);
      if (goal === undefined) {
        // Behind a parenthesis, V8 takes an `await` for a name and complains of what follows it.
        if (mayAwait(isolate, source, name)) return 'async';
        throw sourceError(error as Error);
      }
      if (goal === 'async') return parseModule(isolate, source, name, 'async');
    }
  }
  return parseModule(isolate, source, name, 'module');
}

/** Whether there is an `await` in a source that would be good as a module. */
function mayAwait(isolate: ivm.Isolate, source: string, name: string): boolean {
  if (!/\bawait\b/.test(source)) return false;
  try {
    isolate.compileModuleSync(source, { filename: name }).release();
    return true;
  } catch {
    return false;
  }
}

function parseModule(isolate: ivm.Isolate, source: string, name: string, goal: Goal): Goal {
  try {
    isolate.compileModuleSync(source, { filename: name }).release();
    return goal;
  } catch (error) {
    throw sourceError(error as Error);
  }
}

/** V8 says which syntax needs another goal than a script, in the same words as for Node's own detection. */
function goalAfter(message: string): Goal | undefined {
  if (/import statement outside a module|'import\.meta' outside a module|Unexpected token 'export'/.test(message)) {
    return 'module';
  }
  return /^await is only valid|^Unexpected reserved word/.test(message) ? 'async' : undefined;
}

/** isolated-vm appends the place to the message: `Unexpected token [NAME:LINE:COLUMN]`. The script may have named itself. */
function sourceError(error: Error): SourceError {
  const place = / \[.*:(\d+):(\d+)\]$/s.exec(error.message);
  const text = `${error.name}: ${error.message.slice(0, place?.index)}`;
  return place === null ? new SourceError(text) : new SourceError(text, Number(place[1]), Number(place[2]));
}
