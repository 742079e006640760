import type { ScriptEndpoint } from '../../api/types.generated.ts';
import { UsageError } from '../../api/usage-error.ts';
import { NO_METRICS } from '../../kube/metrics.ts';
import { startTracing } from '../../tracing/start-tracing.ts';
import { EndpointHandler } from '../endpoints/endpoint-handler.ts';
import { EndpointTable } from '../endpoints/endpoint-table.ts';
import { EndpointRoutes } from '../endpoints/routes.ts';
import { ExecuteHandler } from '../execute/execute-handler.ts';
import type { Executor } from '../execute/executor.ts';
import { ScriptRequests } from '../execute/script-requests.ts';
import { Gateway } from '../gateway.ts';
import type { RequestHandler } from '../http/handler.ts';
import { RequestObserver } from '../http/observer.ts';
import { McpHandler } from '../mcp/handler.ts';
import { serveUntilStopped } from '../serve.ts';
import type { GatewaySettings } from '../settings.ts';
import { stopSignals } from '../stop-signals.ts';
import { localAuthentication } from './endpoint-access.ts';
import { type LocalHost, type LocalObjects, localExecutor } from './local-executor.ts';
import { loopbackAccess as access } from './loopback-access.ts';
import { textLog } from './text-log.ts';

export interface LocalGatewayParts {
  readonly objects: LocalObjects;
  readonly host: LocalHost | undefined;
  readonly settings: GatewaySettings;
  /** Version of this program, for MCP clients. */
  readonly version: string;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * `copepod gateway --local`: executes scripts for requests of this machine, in this process, until it is stopped. Returns
 * the exit code.
 * @throws UsageError if it cannot listen, or would listen to other machines
 */
export async function serveLocal({ objects, host, settings, version }: LocalGatewayParts): Promise<number> {
  const { address = '127.0.0.1', accessLog, graceMs, maxWaitMs, port } = settings;
  if (!LOOPBACK.has(address)) {
    throw new UsageError(
      `--address: ${address} is not a loopback address`,
      'whoever reaches a local gateway may execute',
    );
  }
  const log = textLog(process.stderr);
  const onBug = (error: unknown): void => log.write('error', 'a request failed by a bug', { error });
  const tracing = await startTracing({
    env: process.env,
    serviceName: 'copepod-gateway',
    version,
    metrics: NO_METRICS,
    metricPrefix: 'copepod_gateway',
    onError: (message) => log.write('warn', `traces could not be sent: ${message}`),
  });
  const local = localExecutor(objects, { host, maxWaitMs, log });
  const { executor, runtimes } = local;
  const requests = new ScriptRequests({ executor, recorder: undefined });
  const runtime = (namespace: string, name: string) => runtimes.get(`${namespace}/${name}`);
  const gateway = new Gateway({
    handlers: new Map<string, RequestHandler>([
      ['apis', new ExecuteHandler({ requests, access, hasRuntime: (...key) => runtime(...key) !== undefined })],
      ['mcp', new McpHandler({ requests, access, runtime, hostTypes: local.hostTypes, version, onBug })],
    ]),
    endpoints: localEndpoints(objects.endpoints, executor, settings.jwksHosts),
    observer: new RequestObserver(log, accessLog, NO_METRICS),
    onBug,
    tracing,
  });
  const { requested, serving } = stopSignals(log, new AbortController());
  try {
    await serveUntilStopped({
      gateway,
      log,
      port,
      address,
      drainDelayMs: 0,
      graceMs,
      stopped: requested,
      onServing: (bound) => {
        serving();
        const base = `http://${address.includes(':') ? `[${address}]` : address}:${bound}`;
        for (const key of runtimes.keys()) {
          const [namespace, name] = key.split('/');
          const path = `/apis/copepod.dev/v1alpha1/namespaces/${namespace}/scriptruntimes/${name}/execute`;
          log.write('info', `POST ${base}${path}`);
          log.write('info', `MCP ${base}/mcp/${key}`);
        }
        for (const { metadata } of objects.endpoints) {
          log.write('info', `ENDPOINT ${base}/${metadata.namespace}/${metadata.name}`);
        }
      },
    });
  } finally {
    await local.close();
    await tracing?.close();
  }
  return 0;
}

/** Nothing is recorded: there is no cluster. Whoever calls an endpoint here has written its script. */
function localEndpoints(
  all: readonly ScriptEndpoint[],
  executor: Executor,
  jwksHosts: readonly string[],
): EndpointRoutes {
  const byKey = new Map(all.map((endpoint) => [`${endpoint.metadata.namespace}/${endpoint.metadata.name}`, endpoint]));
  const table = new EndpointTable({
    get: ({ namespace, name }) => byKey.get(`${namespace}/${name}`),
    all: () => all,
    // The CRD allows no names of this machine.
    reserved: new Set(),
  });
  const requests = { checkRecord: () => {}, record: () => undefined };
  return new EndpointRoutes(
    table,
    new EndpointHandler({
      executor,
      requests,
      authenticate: localAuthentication(jwksHosts),
      onEnded: () => {},
      tellsErrors: true,
    }),
  );
}
