import { randomBytes } from 'node:crypto';

/** 16 random bytes that are not all zero, as 32 hexadecimal digits. */
export const newTraceID = (): string => newID(16);

/** 8 random bytes that are not all zero, as 16 hexadecimal digits. */
export const newSpanID = (): string => newID(8);

function newID(bytes: number): string {
  const id = randomBytes(bytes).toString('hex');
  return /^0+$/.test(id) ? newID(bytes) : id;
}
