import { createContext, runInContext, runInThisContext, Script, SourceTextModule } from 'node:vm';
import { type Goal, transform } from '../../../../src/runtime/sandbox/transform.ts';

/** Finds the goal of a source as the sandbox does: a script if it parses as one, a module otherwise. */
export function goalOf(source: string): Goal {
  try {
    new Script(source);
    return 'script';
  } catch (error) {
    const { message } = error as Error;
    return /await|Unexpected reserved word/.test(message) ? 'async' : 'module';
  }
}

export const isScript = (source: string): boolean => {
  try {
    return new Script(source) !== undefined;
  } catch {
    return false;
  }
};

export interface Run {
  readonly value: unknown;
  /** What passed through `note`. */
  readonly thrown: unknown[];
}

/** Runs a source as the sandbox does: what it compiles to, called with the guest's two functions. */
export async function runTransformed(source: string, fileName = 'script.js', params: unknown = {}): Promise<Run> {
  const thrown: unknown[] = [];
  const { code } = transform(source, goalOf(source), fileName);
  const program = runInContext(code, createContext({ params }), { filename: fileName });
  const note = (error: unknown): unknown => {
    thrown.push(error);
    return error;
  };
  const value = await program(note, (exported: unknown) =>
    typeof exported === 'function' ? exported(params, {}) : exported,
  );
  return { value, thrown };
}

/** What a source compiles to: takes `note` and what becomes of the default export. */
export function compiled(source: string, goal = goalOf(source)): (note: unknown, callDefault: unknown) => unknown {
  return runInThisContext(transform(source, goal, 'script.js').code);
}

/** The value of a script as V8 gives it. */
export const completionValue = (source: string): unknown => runInContext(source, createContext({}));

/** The default export of a module as V8 gives it. */
export async function defaultExport(source: string): Promise<unknown> {
  const module = new SourceTextModule(source, { context: createContext({}) });
  await module.link(() => {
    throw new Error('no imports');
  });
  await module.evaluate();
  return (module.namespace as { default?: unknown }).default;
}
