import { describe, expect, test } from '@jest/globals';
import { endOf } from '../../../src/runtime/orphans.ts';

/** The first fields of /proc/PID/stat, up to the number of threads. */
const stat = (name: string, state: string, threads: number): string =>
  `1234 (${name}) ${state} 7 1234 1234 0 -1 4228364 100 0 0 0 5 3 0 0 20 0 ${threads} 0 99 0 0`;

describe('whether a child process has ended', () => {
  test.each([
    { what: 'a zombie has', text: stat('node', 'Z', 1), hasEnded: true },
    {
      what: 'one whose first thread has ended, and others not yet, has not',
      text: stat('node', 'Z', 4),
      hasEnded: false,
    },
    { what: 'one that sleeps has not', text: stat('node', 'S', 1), hasEnded: false },
    { what: 'its name may look like anything', text: stat('a) Z 7 (b', 'R', 1), hasEnded: false },
  ])('$what', ({ text, hasEnded }) => {
    expect(endOf(text)).toEqual({ parent: 7, hasEnded });
  });
});
