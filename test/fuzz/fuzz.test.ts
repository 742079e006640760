import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { TARGETS } from './targets/index.ts';

/** A minute for all of them; `make fuzz` takes longer. */
const SECONDS_EACH = 60 / TARGETS.length;

test.each(TARGETS.map(({ name, title }) => [title, name]))(
  'of %s nothing crashes, hangs or throws what is not classified',
  (_, name) => {
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const args = ['--only', name, '--seconds', String(SECONDS_EACH), '--seed', '1'];
    const { stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
      encoding: 'utf8',
      env,
    });
    expect(stdout + stderr).toMatch(/^seed 1\n\S+: [1-9]\d* cases, no finding\n$/);
  },
  180_000,
);
