import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A parser leaves about fifty times its source behind; below this many UTF-16 units that is not worth a collection. */
const WORTH_COLLECTING = 64 << 10;

let collect: (() => void) | undefined;

/**
 * Collects what compiling a long source has left in this process's own heap. Memory is watched from outside, where it
 * would count as the script's.
 */
export function collectAfterCompiling(sourceLength: number): void {
  if (sourceLength < WORTH_COLLECTING) return;
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  collect();
}
