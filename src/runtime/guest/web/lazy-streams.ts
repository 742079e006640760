/** The code of streams, which is loaded when the first stream is made, or a script asks for one of its names. */
type Streams = typeof import('./streams.ts');

export type { ByteReader, ByteSource, ByteStream } from './streams.ts';

export const streams = (): Streams => require('./streams.ts') as Streams;
