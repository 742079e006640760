import type { Command } from 'commander';
import { formatOption } from './options.ts';
import type { SetExitCode } from './set-exit-code.ts';

/** Adds `copepod version`. */
export function addVersion(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('version')
    .description('show the versions of copepod, Node and V8, and the containment of sandboxes')
    .helpOption('-h, --help', 'show this help')
    .addOption(formatOption(['text', 'json']))
    .action(async ({ output }: { output: string }) => {
      const { packageVersion } = await import('../package-version.ts');
      const { ContainedProcesses } = await import('../../runtime/contained-processes.ts');
      const processes = new ContainedProcesses('IfAvailable');
      const { seccomp, reason } = await processes.probe();
      await processes.close();
      const versions = {
        copepod: packageVersion(),
        node: process.versions.node,
        v8: process.versions.v8,
        seccomp: reason === undefined ? seccomp : `${seccomp} (${reason})`,
      };
      const lines = Object.entries(versions).map(([name, value]) => `${name.padEnd(8)} ${value}\n`);
      process.stdout.write(output === 'json' ? `${JSON.stringify(versions, null, 2)}\n` : lines.join(''));
      setExitCode(0);
    });
}
