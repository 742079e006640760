import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHIFTED = fileURLToPath(new URL('shifted-clock.ts', import.meta.url));

/** The clock of all processes started with its environment. It can be set at any time. */
export class Clock {
  readonly env: Readonly<Record<string, string>>;
  readonly #file: string;

  constructor(directory: string) {
    this.#file = join(directory, `clock-${randomBytes(4).toString('hex')}`);
    this.env = { NODE_OPTIONS: `--import=${SHIFTED}`, COPEPOD_TEST_CLOCK: this.#file };
    this.setAhead(0);
  }

  /** Sets it ahead of the correct time. */
  setAhead(hours: number): void {
    writeFileSync(this.#file, String(hours * 3_600_000));
  }
}
