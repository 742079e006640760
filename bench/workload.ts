import type { JsonValue } from '../src/api/json.ts';

/** How every script of the bench ends; what stands before it are declarations. */
const CALL = 'main(params);';

/** What is run: plain scripts whose completion value is `main(params)`. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  /** Whether the same source comes again, so that keeping compiled code pays. */
  readonly reuse: boolean;
  readonly params: JsonValue;
  /** Source of the index-th execution; ends in `main(params);`. */
  readonly source: (index: number) => string;
  /** Its result as JSON. */
  readonly expected: (index: number) => string;
  /** Whose execution it is. */
  readonly tenant: (index: number) => string;
}

/** A workload, who runs it, and at which concurrencies next to one execution per VM. */
export interface Scenario extends Workload {
  /** Names of the contestants; all but the variants of copepod where left out. */
  readonly contestants?: readonly string[];
  /** Also measured one execution at a time. */
  readonly alone: boolean;
}

/** The declarations of a script, for an engine that has no completion values. */
export function declarationsOf(source: string): string {
  if (!source.endsWith(CALL)) throw new Error(`a script of the bench must end in ${CALL}`);
  return source.slice(0, -CALL.length);
}

/** @throws Error if a contestant got a wrong result: the bench compares like with like or not at all. */
export function verify(workload: Workload, index: number, actual: string | undefined): void {
  const expected = workload.expected(index);
  if (actual !== expected) {
    throw new Error(`wrong result in ${workload.name} #${index}: ${actual?.slice(0, 200)}, not ${expected}`);
  }
}
