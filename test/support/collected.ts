import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/**
 * Collects garbage until nothing holds an object any more.
 * @returns whether it is gone, after at most 50 collections
 */
export async function isCollected(reference: WeakRef<object>): Promise<boolean> {
  for (let n = 0; n < 50; n++) {
    // A reference that was read holds its object until the end of the task.
    await sleep(10);
    collect();
    await sleep(0);
    if (reference.deref() === undefined) return true;
  }
  return false;
}
