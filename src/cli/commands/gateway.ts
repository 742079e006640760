import type { Command } from 'commander';
import { UsageError } from '../../api/usage-error.ts';
import type { LocalGatewayOptions } from '../gateway/local.ts';
import { namespaceOption } from './options.ts';
import { portNumber } from './port-number.ts';
import type { SetExitCode } from './set-exit-code.ts';

const AFTER = `
Serves:
  POST /apis/copepod.dev/v1alpha1/namespaces/NAMESPACE/scriptruntimes/NAME/execute
       takes the JSON of a ScriptExecution's spec, and answers with its status
  /mcp/NAMESPACE/NAME
       an MCP server for agents, with a tool that executes code; ?tenant=ID sets the tenant
  /NAMESPACE/NAME, and the hostnames of endpoints
       what ScriptEndpoints answer; their spec.auth says who may call
  The first two take ?record=Always|Failures|Never: also write a ScriptExecution, afterwards (default: Never)

Whoever may create scriptexecutions in the namespace may execute there: the bearer token is checked by the API server,
and the decision is kept for a minute. Nothing else is stored: a script runs on a pod of the runtime, at most once, and
is cancelled when its client goes away. Where all pods are busy the answer is 429 with Retry-After; where there is none,
requests wait while the operator starts some.

With --local there is no cluster: scripts run in sandbox processes of this machine, as 'copepod run' runs them, with the
limits of the runtimes in FILE. Every program of this machine may execute; other machines and web pages may not.

Environment:
  POD_NAMESPACE       namespace of its key, which the operator creates (default: copepod-system)
  POD_UID             uid of its pod: the operator asks it for its load
  COPEPOD_NAMESPACES  same as --namespaces
  COPEPOD_JWKS_HOSTS  same as --jwks-hosts
  COPEPOD_GATEWAY_URL same as --gateway-url
  COPEPOD_LOG_LEVEL   same as --log-level

Paths of --probe-port:
  /healthz /readyz /metrics

Signals:
  SIGTERM, SIGINT    become unready, go on for --drain-delay, answer what is open, and exit; the second one exits at once

Exit codes:
  0    stopped normally
  1    a bug, or an unusable cluster
  2    invalid usage

Examples:
  copepod gateway --local runtimes.yaml --host-functions host-functions.mjs
  curl localhost:8080/apis/copepod.dev/v1alpha1/namespaces/default/scriptruntimes/default/execute \\
    -H 'Content-Type: application/json' -d '{"source":"params.a + 1","params":{"a":41}}'
  curl -H "Authorization: Bearer $(kubectl create token default)" -d '{"source":"params.a + 1","params":{"a":41}}' \\
    -H 'Content-Type: application/json' http://localhost:8080/apis/copepod.dev/v1alpha1/namespaces/default/scriptruntimes/default/execute
`;

/** Adds `copepod gateway`. */
export function addGateway(program: Command, setExitCode: SetExitCode): Command {
  return program
    .command('gateway')
    .description('execute scripts for HTTP requests and serve endpoints, on the pods of a cluster or on this machine')
    .argument(
      '[FILE|DIR|-...]',
      'with --local: manifests with ScriptRuntimes and ScriptEndpoints, and what they refer to',
    )
    .optionsGroup('Without a cluster:')
    .option('--local', 'serve the runtimes of manifests, and a default one, in this process, to this machine only')
    .addOption(namespaceOption())
    .option('--host-functions <file>', 'ES module whose exports the scripts can call')
    .optionsGroup('On a cluster:')
    .option('--probe-port <number>', 'port of probes and metrics; 0 selects a free one', portNumber, 8081)
    .option('--namespaces <names>', 'comma-separated namespaces to serve (default: all)')
    .option(
      '--gateway-url <urls>',
      'comma-separated URLs of the gateways, as for the operator: endpoints cannot have their hosts (default: their Service)',
    )
    .option('--drain-delay <duration>', 'time between SIGTERM and the end of accepting connections', '5s')
    .option('--kubeconfig <file>', 'kubeconfig to use outside a cluster')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .optionsGroup('Both:')
    .option('--port <number>', 'port to listen on; 0 selects a free one (default: 8080)', portNumber)
    .option('--address <address>', 'address to listen on (default: all; with --local 127.0.0.1)')
    .option('--max-wait <duration>', 'maximum time that a request waits for a pod', '60s')
    .option('--grace <duration>', 'time for open requests after that', '60s')
    .option('--jwks-hosts <names>', 'hosts of JSON Web Key Sets that may have private addresses, and plain HTTP')
    .option('--access-log <which>', 'requests that are logged: all, failures or none', 'all')
    .option('--log-level <level>', 'lowest level of log lines: debug, info, warn or error (default: info)')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER)
    .action(async (files: readonly string[], options: GatewayOptions, command: Command) => {
      requireUse(command, options.local === true);
      if (options.local) {
        const { localGateway } = await import('../gateway/local.ts');
        setExitCode(await localGateway(files, options));
        return;
      }
      if (files.length > 0)
        throw new UsageError('files are served with --local alone', 'write copepod gateway --local FILE...');
      const [{ serveGateway }, { packageVersion }] = await Promise.all([
        import('../../gateway/main.ts'),
        import('../package-version.ts'),
      ]);
      setExitCode(await serveGateway(options, packageVersion()));
    });
}

type GatewayOptions = LocalGatewayOptions & { readonly local?: boolean };

/** Options that one of the two has no use for, by what commander calls their values. */
const OF_A_CLUSTER: Readonly<Record<string, string>> = {
  probePort: '--probe-port',
  namespaces: '--namespaces',
  gatewayUrl: '--gateway-url',
  drainDelay: '--drain-delay',
  kubeconfig: '--kubeconfig',
  context: '--context',
};
const LOCAL: Readonly<Record<string, string>> = { namespace: '--namespace', hostFunctions: '--host-functions' };

/** @throws UsageError for an option that would have no effect */
function requireUse(command: Command, isLocal: boolean): void {
  for (const [name, option] of Object.entries(isLocal ? OF_A_CLUSTER : LOCAL)) {
    if (command.getOptionValueSource(name) !== 'cli') continue;
    throw new UsageError(
      `${option} has no effect ${isLocal ? 'with' : 'without'} --local`,
      isLocal ? 'leave it out' : 'leave it out, or add --local',
    );
  }
}
