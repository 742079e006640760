import { framesHere, note, original } from './describe-error.ts';
import type { Connect, ModuleCompiler, Namespace, Port } from './port.ts';
import { apply, create, defineProperty, isError, parse, SafePromise, SafeString } from './primordials.ts';
import { installSourceTexts } from './source-text.ts';
import { giveFrames } from './stack-trace.ts';

interface Pending {
  /** Of the `import()`. */
  readonly frames: string;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The `import()` calls that are under way, by number. */
const pending = { __proto__: null } as unknown as Record<number, Pending>;
let loads = 0;

/**
 * Gives instrumented code what it calls.
 * @param mark the comment around what was put into functions
 */
export function connectCode(
  port: Port,
  connect: Connect,
  mainName: string,
  mark: string,
  done: (call: number, exported: Namespace) => void,
): void {
  const load = async (importer: string, specifier: unknown): Promise<unknown> => {
    const call = loads++;
    const text = SafeString(specifier);
    const frames = framesHere();
    const answer = new SafePromise((resolve, reject) => {
      pending[call] = { frames, resolve, reject };
    });
    port('load', text, importer, call);
    return answer;
  };
  defineProperty(load, 'meta', { value: meta({}, mainName, true) });
  if (mark !== '') installSourceTexts(mark);
  connect(note, load, done);
}

/** Compiles a module whose `import.meta` is asked for, or one of JSON, which its value comes into the same way. */
export function compileModule(
  compiler: ModuleCompiler,
  code: string,
  name: string,
  kind: 'module' | 'json',
  isMain: boolean,
): unknown {
  const options = create(null) as Record<string, unknown>;
  options.filename = name;
  options.meta =
    kind === 'json'
      ? (target: object) => give(target, 'value', parse(code))
      : (target: object) => meta(target, name, isMain);
  const module = compiler.compileModuleSync(kind === 'json' ? 'export default import.meta.value;' : code, options);
  compiler.release?.();
  return module;
}

/** What `import.meta` of a file holds. */
function meta<T extends object>(target: T, name: string, isMain: boolean): T {
  give(target, 'url', `file:///${name}`);
  give(target, 'main', isMain);
  return target;
}

function give(target: object, key: string, value: unknown): void {
  defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** An `import()` has what it asked for. */
export function settleLoad(call: number, exported: Namespace): void {
  const waiting = take(call);
  // A promise for a namespace with an export called `then` would call it, as any `import()` does.
  if (waiting !== undefined) apply(waiting.resolve, undefined, [exported]);
}

/** An `import()` has failed, with what isolated-vm has copied: its place is that of the `import()`, where it has none. */
export function failLoad(call: number, isObject: boolean, value: unknown, frames: string, name: string): void {
  const waiting = take(call);
  if (waiting === undefined) return;
  const error = original(isObject, value, frames, name);
  if (isError(error)) giveFrames(error as object, waiting.frames);
  apply(waiting.reject, undefined, [error]);
}

function take(call: number): Pending | undefined {
  const waiting = pending[call];
  delete pending[call];
  return waiting;
}
