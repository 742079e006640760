import { randomUUID as newUUID, randomFillSync } from 'node:crypto';

/** What crypto.getRandomValues gives at once, in bytes. */
const MAX_RANDOM_BYTES = 65_536;

export function randomBytes(count: number): Uint8Array | undefined {
  return count >= 0 && count <= MAX_RANDOM_BYTES ? randomFillSync(new Uint8Array(count)) : undefined;
}

/** Without a cache, which processes forked of the same zygote would share. */
export const randomUUID = (): string => newUUID({ disableEntropyCache: true });
