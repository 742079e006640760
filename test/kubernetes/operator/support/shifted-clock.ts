/**
 * Preloaded (`--import`): sets the wall clock ahead by the milliseconds in a file; the monotonic clock is unchanged.
 */
import { readFileSync } from 'node:fs';

const file = process.env.COPEPOD_TEST_CLOCK ?? '';
const READ_EVERY_MS = 10;

let readAt = Number.NEGATIVE_INFINITY;
let aheadMs = 0;

function ahead(): number {
  const now = performance.now();
  if (now - readAt > READ_EVERY_MS) {
    aheadMs = Number(readFileSync(file, 'utf8')) || 0;
    readAt = now;
  }
  return aheadMs;
}

const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...args: []) {
    super(...((args.length === 0 ? [RealDate.now() + ahead()] : args) as []));
  }

  static override now(): number {
    return RealDate.now() + ahead();
  }
} as DateConstructor;
