import { describe, expect, test } from '@jest/globals';
import { PLUGIN } from '../../../src/cli/kubectl/program.ts';
import { COPEPOD } from '../../../src/cli/program.ts';
import { commandsOf } from '../../../src/cli/run-program.ts';

describe.each([COPEPOD, PLUGIN])('$name', (program) => {
  const namesOf = (called?: string): string[] =>
    commandsOf(program, () => {}, called).commands.map((command) => command.name());

  test('has all commands for help, completion and what is no command', () => {
    const all = Object.keys(program.commands);
    for (const called of [undefined, 'help', '--version', 'rum', 'constructor', ''])
      expect(namesOf(called)).toEqual(all);
  });

  test('has the command that is called, under its name, and no other', () => {
    for (const name of Object.keys(program.commands)) expect(namesOf(name)).toEqual([name]);
  });
});
