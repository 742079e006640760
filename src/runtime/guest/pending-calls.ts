import { apply } from './primordials.ts';

/** Takes the answer to a call: JSON text or an error's. */
type Settle = (ok: boolean, value: string) => void;

/** Calls of host functions and steps of `fetch` that are under way, by number. */
const pending = { __proto__: null } as unknown as Record<number, Settle>;
let calls = 0;

/** Numbers a call. The answer may come from then on. */
export function openCall(settle: Settle): number {
  const call = calls++;
  pending[call] = settle;
  return call;
}

/** Forgets a call that was not taken. */
export function dropCall(call: number): void {
  delete pending[call];
}

/** Settles a call. */
export function settleCall(call: number, ok: boolean, value: string): void {
  const settle = pending[call];
  if (settle === undefined) return;
  delete pending[call];
  apply(settle, undefined, [ok, value]);
}
