import { describe, expect, test } from '@jest/globals';
import { Argument, Option } from 'commander';
import { argumentDescription, optionDescription, usageText } from '../../../src/cli/output/usage-text.ts';

describe('commander’s words about wrong usage say what is wrong, and below it what to do', () => {
  test.each([
    [
      "error: unknown option '--timout'\n(Did you mean --timeout?)\n",
      "unknown option '--timout'\n  did you mean --timeout?",
    ],
    ["error: unknown option '--x'\n", "unknown option '--x'\n  'copepod run --help' shows what there is"],
    [
      "error: option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are table, json.\n",
      "option '-o, --output <format>' argument 'xml' is invalid\n  allowed choices are table, json",
    ],
    [
      "error: command-argument value 'tcsh' is invalid for argument 'SHELL'. Allowed choices are bash, zsh.\n",
      "command-argument value 'tcsh' is invalid for argument 'SHELL'\n  allowed choices are bash, zsh",
    ],
    [
      "error: too many arguments for 'build'. Expected 1 argument but got 2: a, b.\n",
      "too many arguments for 'build'\n  expected 1 argument but got 2: a, b",
    ],
  ])('%j', (text, expected) => {
    expect(usageText(text, 'copepod run')).toBe(expected);
  });
});

test('choices and defaults have no quotation marks in the help', () => {
  const option = new Option('-o <format>', 'a "format"').choices(['table', 'json']).default('table');
  expect(optionDescription(option)).toBe('a "format" (choices: table, json; default: table)');
  expect(argumentDescription(new Argument('[DIR]', 'directory').default('.'))).toBe('directory (default: .)');
});
