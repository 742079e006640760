/** What the web platform has of node:crypto and node:zlib. */
export { Compressors } from './compression.ts';
export { randomBytes, randomUUID } from './random.ts';
export { Subtle } from './subtle/subtle.ts';
