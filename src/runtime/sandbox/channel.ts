import { readSync, writeSync } from 'node:fs';
import { decodeFrame, encodePieces, FRAME_HEADER_BYTES, type Frame, frameLength } from '../../api/frame.ts';
import type { FromSandbox } from '../wire/from-sandbox.ts';
import type { FromZygote } from '../wire/zygote.ts';

/** The socket to the supervisor. */
export const FD = 3;
const BOUNDS = { maxJsonBytes: 64 << 20, maxBlobBytes: 64 << 20 };

let buffer = Buffer.allocUnsafe(64 << 10);
let start = 0;
let end = 0;
let exit = (): never => process.exit(0);
let beforeRead = (): void => {};

/** Has the process ended in this way once the socket is closed. */
export function onClosed(end: () => never): void {
  exit = end;
}

/** Has this done before each read, which blocks the process. */
export function onBeforeRead(wait: () => void): void {
  beforeRead = wait;
}

/**
 * Waits for the next frame. Reads block: the process has nothing else to do, and an event loop would cost more than a
 * whole execution. The socket's end is the supervisor's end, and so ours.
 */
export function receive(): Frame {
  fill(FRAME_HEADER_BYTES);
  const length = frameLength(buffer.subarray(start), BOUNDS);
  fill(length);
  const frame = decodeFrame(buffer.subarray(start, start + length));
  start += length;
  return frame;
}

/** Whether a frame, or a part of one, has been read already. */
export const hasReceived = (): boolean => end > start;

function fill(bytes: number): void {
  if (start === end) start = end = 0;
  if (start + bytes > buffer.length) {
    const grown = start > 0 && bytes <= buffer.length ? buffer : Buffer.allocUnsafe(bytes);
    buffer.copy(grown, 0, start, end);
    end -= start;
    start = 0;
    buffer = grown;
  }
  while (end - start < bytes) {
    beforeRead();
    const read = readSync(FD, buffer, end, buffer.length - end, null);
    if (read === 0) exit();
    end += read;
  }
}

/** A frame that leaves with the next one. */
let held: Buffer | undefined;

/** Writes one frame whole; blocks while the supervisor is slow to read, which is what slows a flood down. */
export function send(message: FromSandbox | FromZygote, blob?: Buffer): void {
  const [first, ...rest] = encodePieces(message, blob) as [Buffer, ...Buffer[]];
  write(held === undefined ? first : Buffer.concat([held, first]));
  held = undefined;
  for (const piece of rest) write(piece);
}

/** Writes a frame together with the next one, which is about to follow: a write costs as much as all else for a short frame. */
export function sendWithNext(message: FromSandbox, blob?: Buffer): void {
  flush();
  const pieces = encodePieces(message, blob);
  if (pieces.length === 1) [held] = pieces;
  else for (const piece of pieces) write(piece);
}

/** Writes a frame that waits for the next one. To be called before this process waits for anything itself. */
export function flush(): void {
  if (held === undefined) return;
  write(held);
  held = undefined;
}

function write(bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(FD, bytes, written);
}
