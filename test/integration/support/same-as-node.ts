import { runInThisContext } from 'node:vm';
import { expect } from '@jest/globals';
import type { Engine } from './engine.ts';

/** Runs the body of an asynchronous function in the sandbox and in this Node, which must give the same. */
export async function sameAsNode(engine: Engine, body: string): Promise<void> {
  const source = `(async () => { ${body} })()`;
  const inNode: unknown = JSON.parse(JSON.stringify(await runInThisContext(source)));
  expect(await engine.result(source)).toEqual(inNode);
}

/** A body that gives a value, or the name of what is thrown. */
export const caught = (call: string): string =>
  `try { return [await (${call})] } catch (e) { return [e.name, e instanceof TypeError] }`;
