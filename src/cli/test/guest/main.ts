/** The module `copepod/test`: it runs inside the sandbox, bundled with the file of tests. */
export { expect } from './expect.ts';
export { stubFetch } from './stub-fetch.ts';
export { stubTool } from './stub-tool.ts';

type Body = () => void | Promise<void>;

interface Options {
  readonly params?: unknown;
  readonly context?: unknown;
  readonly env?: Readonly<Record<string, string>>;
}

/** A test, before it runs. JSON but for what it calls. */
interface Added extends Options {
  readonly name: string;
  readonly mode: 'run' | 'skip' | 'only';
  readonly body: Body;
  readonly before: readonly Body[];
  readonly after: readonly Body[];
}

interface Scope {
  readonly names: readonly string[];
  readonly before: Body[];
  readonly after: Body[];
}

const tests: Added[] = [];
let scope: Scope = { names: [], before: [], after: [] };

const adder =
  (mode: Added['mode']) =>
  (name: string, ...rest: [Body] | [Options, Body]): void => {
    const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
    const { names, before, after } = scope;
    tests.push({ name: [...names, name].join(' › '), mode, body, before, after, ...options });
  };

export const test = Object.assign(adder('run'), { skip: adder('skip'), only: adder('only') });

export function describe(name: string, body: () => void): void {
  const outer = scope;
  scope = { names: [...outer.names, name], before: [...outer.before], after: [...outer.after] };
  body();
  scope = outer;
}

export const beforeEach = (body: Body): void => void scope.before.push(body);
export const afterEach = (body: Body): void => void scope.after.unshift(body);

/**
 * Runs the test of an index, or gives what there is to run.
 *
 * @param index below 0 for the list
 */
export async function main(index: number): Promise<unknown> {
  const added = tests[index];
  if (added === undefined)
    return tests.map(({ name, mode, params, context, env }) => ({ name, mode, params, context, env }));
  for (const body of added.before) await body();
  try {
    await added.body();
  } finally {
    for (const body of added.after) await body();
  }
  return null;
}
