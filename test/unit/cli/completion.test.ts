import { describe, expect, test } from '@jest/globals';
import { Argument, Command, Option } from 'commander';
import { completionOf } from '../../../src/cli/completion/candidates.ts';
import { optionsIn } from '../../../src/cli/kubectl/cluster-names.ts';

const program = new Command('tool').option('--version', 'versions');
program
  .command('run')
  .description('run a file')
  .argument('<FILE>')
  .option('-r, --runtime <name>', 'runtime')
  .option('-n, --namespace <name>', 'namespace')
  .option('--context <name>', 'context')
  .option('--params-file <file>', 'params')
  .option('--rm', 'remove')
  .addOption(new Option('-o, --output <format>', 'format').choices(['json', 'yaml']));
program.command('logs').description('print logs').argument('<NAME>');
program.command('cancel').description('cancel some').argument('<NAME...>');
program.command('shell').addArgument(new Argument('<SHELL>').choices(['bash', 'zsh']));

describe('completion', () => {
  test.each<[string, string[], readonly string[] | 'files' | 'executions' | 'runtimes' | 'namespaces' | 'contexts']>([
    ['nothing yet', [''], ['run', 'logs', 'cancel', 'shell']],
    ['a command', ['r'], ['run']],
    ['an option of the program', ['--v'], ['--version']],
    ['an option', ['run', '--r'], ['--runtime', '--rm']],
    ['the help', ['run', '--he'], ['--help']],
    ['a choice', ['run', '-o', ''], ['json', 'yaml']],
    ['a choice that was begun', ['run', '--output', 'y'], ['yaml']],
    ['a file', ['run', ''], 'files'],
    ['a file as the value of an option', ['run', '--params-file', 'p'], 'files'],
    ['a runtime', ['run', '-r', ''], 'runtimes'],
    ['a namespace', ['run', '-n', 'd'], 'namespaces'],
    ['a context', ['run', '--context', ''], 'contexts'],
    ['an argument after an option with a value', ['run', '-n', 'x', ''], 'files'],
    ['an argument after an option without one', ['run', '--rm', ''], 'files'],
    ['an option with its value in one word', ['run', '--output=j'], []],
    ['a name', ['logs', 'h'], 'executions'],
    ['no second name', ['logs', 'hello', ''], []],
    ['a further name where there may be several', ['cancel', 'hello', ''], 'executions'],
    ['a choice of an argument', ['shell', ''], ['bash', 'zsh']],
    ['an unknown command', ['fly', ''], []],
    ['no words', [], ['run', 'logs', 'cancel', 'shell']],
  ])('of %s', (_, words, expected) => {
    const { candidates, files, names } = completionOf(program, words, true);
    const found = files ? 'files' : (names ?? candidates.map(({ value }) => value));
    expect(found).toEqual(expected);
  });

  test('asks no cluster for the names of a program without one', () => {
    expect(completionOf(program, ['logs', ''], false)).toEqual({ candidates: [], files: false });
  });
});

test('the cluster of an unfinished command line', () => {
  expect(optionsIn(['logs', '-n', 'shop', '--context=prod', '--kubeconfig', 'file'])).toEqual({
    namespace: 'shop',
    context: 'prod',
    kubeconfig: 'file',
  });
});
