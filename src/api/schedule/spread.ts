import { createHash } from 'node:crypto';
import { parseDuration } from '../duration.ts';
import type { ScriptSchedule } from '../types.generated.ts';

/**
 * How much later than its times a schedule starts, in whole milliseconds from 0 to `spec.spread`: a part of it that follows from
 * namespace and name, so that it is the same for each start and for whoever reckons it.
 */
export function spreadMs({
  metadata,
  spec,
}: Pick<ScriptSchedule, 'metadata'> & { readonly spec: Pick<ScriptSchedule['spec'], 'spread'> }): number {
  if (spec.spread === undefined) return 0;
  const hash = createHash('sha256').update(`${metadata.namespace}/${metadata.name}`).digest();
  return Math.floor((parseDuration(spec.spread) * hash.readUInt32BE(0)) / 2 ** 32);
}
