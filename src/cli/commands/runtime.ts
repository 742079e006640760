import type { Command } from 'commander';
import type { RuntimeCommandOptions } from '../../runtime/server/settings.ts';
import { portNumber } from './port-number.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
The operator starts this in the pods of a ScriptRuntime, and signs every request to it. Without a cluster, scripts are
run by 'copepod run'.

Configuration:
  JSON with the fields pool, cache, limits and tenants of a ScriptRuntime's spec. What is left out has its defaults.

Environment:
  COPEPOD_POD_UID          uid of this pod: requests have to be meant for it (required)
  COPEPOD_PUBLIC_KEY       the operator's public key, an Ed25519 JWK (required)
  COPEPOD_RUNTIME_CONFIG   the configuration, where --config is left out
  COPEPOD_GRACE_SECONDS    how long the process may go on after SIGTERM (default: limits.timeout and 30 s)
  COPEPOD_LOG_LEVEL        debug, info, warn or error: which of the pod's own lines are logged (default: info)

Paths:
  /healthz /readyz /metrics      for everybody; ready is a pod with a warm VM that takes runs
  /v1/...                        signed requests of the operator alone

Signals:
  SIGTERM, SIGINT    take no new runs, finish those that run, and end when the operator has every outcome; the second
                     one ends at once

Exit codes:
  0    ended in good order
  1    a bug, in this program or in a host function
  2    bad usage or configuration
`;

/** Adds `copepod runtime`. */
export function addRuntime(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('runtime')
    .description('serve a ScriptRuntime: what its pods run')
    .option('--port <number>', 'port to listen on; 0 picks one', portNumber, 8080)
    .option('--address <address>', 'address to listen on (default: all)')
    .option('--config <json|file>', 'configuration, as JSON or the name of a file with it')
    .option('--host-functions <file>', "ES module whose exports the scripts can call (see 'copepod run --help')")
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', AFTER)
    .action(async (options: RuntimeCommandOptions) => {
      const { serveRuntime } = await import('../../runtime/server/main.ts');
      setExitCode(await serveRuntime(options));
    });
}
