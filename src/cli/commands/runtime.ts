import type { Command } from 'commander';
import type { RuntimeCommandOptions } from '../../runtime/server/settings.ts';
import { portNumber } from './port-number.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
The operator runs this in the pods of a ScriptRuntime, and signs every request to it. Without a cluster, use
'copepod run'.

Configuration:
  JSON with the fields pool, cache, limits, tenants and env of a ScriptRuntime's spec. Omitted fields have defaults.

Environment:
  COPEPOD_POD_UID          uid of this pod, which requests must name (required)
  COPEPOD_PUBLIC_KEY       the operator's public key, an Ed25519 JWK (required)
  COPEPOD_GATEWAY_PUBLIC_KEY
                           the gateways' public key, an Ed25519 JWK (default: no gateway can send runs)
  COPEPOD_RUNTIME_CONFIG   the configuration, unless --config is given
  COPEPOD_GRACE_SECONDS    maximum time between SIGTERM and exit (default: limits.timeout plus 30 s)
  COPEPOD_VALUES_DIR       where the kubelet mounts the values that env refers to (default: /var/run/copepod/values)
  COPEPOD_LOG_LEVEL        level of the pod's own log lines: debug, info, warn or error (default: info)

Paths:
  /healthz /readyz /metrics      without authentication; a pod is ready if it has a warm VM and accepts runs
  /v1/gateway/...                signed requests of gateways only
  /v1/...                        signed requests of the operator only

Signals:
  SIGTERM, SIGINT    refuse new runs, finish active ones, and exit when the operator has every outcome; the second
                     one exits at once

Exit codes:
  0    stopped normally
  1    a bug, in this program or in a host function
  2    invalid usage or configuration
`;

/** Adds `copepod runtime`. */
export function addRuntime(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('runtime')
    .description('serve a ScriptRuntime: the program of its pods')
    .option('--port <number>', 'port to listen on; 0 selects a free one', portNumber, 8080)
    .option('--address <address>', 'address to listen on (default: all)')
    .option('--config <json|file>', 'configuration as JSON, or a file with it')
    .option('--host-functions <file>', "ES module whose exports the scripts can call (see 'copepod run --help')")
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER)
    .action(async (options: RuntimeCommandOptions) => {
      const { serveRuntime } = await import('../../runtime/server/main.ts');
      setExitCode(await serveRuntime(options));
    });
}
