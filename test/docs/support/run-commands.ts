import { expect, test } from '@jest/globals';
import type { DocumentedCommand } from './commands.ts';
import type { Shell } from './shell.ts';

const TIMEOUT_MS = 400_000;

/** A test for each command, in the order of the page. @param shell is there when they run */
export function runCommands(commands: readonly DocumentedCommand[], shell: () => Shell): void {
  test.each(commands)(
    '$at: $text',
    async (command) => {
      expect(command.text).not.toBe('');
      await shell().run(command);
    },
    TIMEOUT_MS,
  );
}
