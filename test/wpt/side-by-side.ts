import { runInThisContext } from 'node:vm';
import type { Engine } from '../integration/support/engine.ts';

/** What running a test suite's data gave: how many cases were tried, and the names of those that failed. */
export interface Tally {
  readonly tried: number;
  readonly failed: readonly string[];
}

/** Runs a function, which may refer to nothing around it, over data: in the sandbox and in this Node. */
export async function sideBySide(
  engine: Engine,
  run: (data: never) => Tally,
  data: unknown,
): Promise<{ sandbox: Tally; node: Tally }> {
  const json = JSON.stringify(data);
  const node = runInThisContext(`(${run})`)(JSON.parse(json)) as Tally;
  const outcome = await engine.run(`(${run})(params)`, {
    params: JSON.parse(json),
    limits: { cpuTimeMs: 20_000, timeoutMs: 30_000 },
  });
  if (outcome.error !== undefined) throw outcome.error;
  return { sandbox: outcome.result as unknown as Tally, node };
}
