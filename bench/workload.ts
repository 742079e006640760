import type { JsonValue } from '../src/api/json.ts';

/** The last line of every script of the bench; declarations precede it. */
const CALL = 'main(params);';

/** Plain scripts with the completion value `main(params)`. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  /** Whether a source repeats, so that cached code is used. */
  readonly reuse: boolean;
  /** Of the sources. Default: JavaScript. */
  readonly language?: 'TypeScript';
  readonly params: JsonValue;
  /** Source of the index-th execution; ends in `main(params);`. */
  readonly source: (index: number) => string;
  /** Its result as JSON. */
  readonly expected: (index: number) => string;
  /** Whether the index-th execution counts in the figures. Default: all do. */
  readonly measured?: (index: number) => boolean;
  /** Its tenant. */
  readonly tenant: (index: number) => string;
}

/** A workload, its contestants, and its concurrencies besides one execution per VM. */
export interface Scenario extends Workload {
  /** Names of the contestants. Default: all except variants of copepod. */
  readonly contestants?: readonly string[];
  /** Also measured sequentially. */
  readonly alone: boolean;
}

/** The declarations of a script, for an engine without completion values. */
export function declarationsOf(source: string): string {
  if (!source.endsWith(CALL)) throw new Error(`a script of the bench must end in ${CALL}`);
  return source.slice(0, -CALL.length);
}

/** A script as a web handler: params in the body, the result as the response. */
export const handlerOf = (source: string): string => `${declarationsOf(source)}
export default { fetch: async (request) => Response.json(main(await request.json())) };`;

/** @throws Error if a contestant returns a wrong result: the comparison would be invalid. */
export function verify(workload: Workload, index: number, actual: string | undefined): void {
  const expected = workload.expected(index);
  if (actual !== expected) {
    throw new Error(`wrong result in ${workload.name} #${index}: ${actual?.slice(0, 200)}, not ${expected}`);
  }
}
