import { setFlagsFromString } from 'node:v8';

const FLAGS = [
  // The sandbox collects garbage between runs; what was compiled once stays compiled in spite of it.
  '--no-flush-bytecode',
  '--disallow-code-generation-from-strings',
];

/**
 * Sets flags of V8 once all of Node's modules are loaded. On the command line, these have V8 reject the code cache that Node
 * brings for its modules (both are part of the cache's hash): they then take three times as long to load.
 *
 * @param isForked the process has one thread, or its forked processes will
 */
export function setLateFlags(isForked: boolean): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
  // What it implies stands on the command line: flags imply others only when V8 starts.
  if (isForked) setFlagsFromString('--single-threaded');
}
