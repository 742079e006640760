import { Argument, type Command } from 'commander';
import { SCRIPTS, SHELLS, type Shell } from '../completion/scripts.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Install:
  bash   echo 'source <(copepod completion bash)' >> ~/.bashrc
  zsh    echo 'source <(copepod completion zsh)' >> ~/.zshrc      (after compinit)
  fish   copepod completion fish > ~/.config/fish/completions/copepod.fish

'kubectl copepod' is completed by kubectl's own completion, with names from the cluster, if kubectl_complete-copepod is on
the PATH: npm install puts it there.
`;

/** Adds `copepod completion`. */
export function addCompletion(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<SHELL>', 'the shell').choices([...SHELLS]))
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER)
    .action((shell: Shell) => {
      process.stdout.write(SCRIPTS[shell]);
      setExitCode(0);
    });
}
