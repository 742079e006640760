import { createPublicKey } from 'node:crypto';
import { Registry } from 'prom-client';
import { annotatedHostTypes, joinedTypes } from '../api/host-types.ts';
import type { ScriptRuntime } from '../api/types.generated.ts';
import { cannotListen, UsageError } from '../api/usage-error.ts';
import { hostsOf } from '../cluster/gateway-urls.ts';
import { createLog, type Log } from '../cluster/log.ts';
import { PodClient } from '../cluster/pods/pod-client.ts';
import { PodDirectory } from '../cluster/pods/pod-directory.ts';
import { podRequestMetrics } from '../cluster/pods/pod-metrics.ts';
import { portOf, serveProbes } from '../cluster/probe-server.ts';
import { readSigningKey, type SigningKey } from '../cluster/signing-key.ts';
import { Sources } from '../cluster/sources.ts';
import { collectProcessMetrics } from '../http/process-metrics.ts';
import { KubeClient } from '../kube/client.ts';
import { loadCredentials } from '../kube/kube-config.ts';
import type { Metrics } from '../kube/metrics.ts';
import { orAborted } from '../kube/or-aborted.ts';
import { promMetrics, requestMetrics } from '../kube/prom.ts';
import { CONFIG_MAPS } from '../kube/resources.ts';
import { toldWhileWaiting } from '../kube/told-while-waiting.ts';
import { untilAnswered } from '../kube/until-answered.ts';
import { startTracing } from '../tracing/start-tracing.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { Access } from './access/access.ts';
import { JwtAccess } from './access/jwt-access.ts';
import { reviewsOf } from './access/reviews.ts';
import { GatewayCaches } from './cluster/caches.ts';
import { Demand } from './cluster/demand.ts';
import { follow } from './cluster/follow.ts';
import { Invocations } from './cluster/invocations.ts';
import { PodRuns } from './cluster/pod-runs.ts';
import { Recorder } from './cluster/recorder.ts';
import { ToolTypes } from './cluster/tool-types.ts';
import { endpointAuthentication } from './endpoints/authenticate.ts';
import { EndpointHandler } from './endpoints/endpoint-handler.ts';
import { EndpointTable } from './endpoints/endpoint-table.ts';
import { EndpointRoutes } from './endpoints/routes.ts';
import { ExecuteHandler, type RequestAccess } from './execute/execute-handler.ts';
import { RuntimeExecutor } from './execute/runtime-executor.ts';
import { ScriptRequests } from './execute/script-requests.ts';
import { Gateway } from './gateway.ts';
import type { RequestHandler } from './http/handler.ts';
import { RequestObserver } from './http/observer.ts';
import { McpHandler } from './mcp/handler.ts';
import { Places } from './routing/places.ts';
import { serveUntilStopped } from './serve.ts';
import { type GatewayCommandOptions, type GatewaySettings, readSettings } from './settings.ts';
import { type StopSignals, stopSignals } from './stop-signals.ts';

/**
 * `copepod gateway`: executes scripts for requests on the pods of a cluster, until it is stopped. Returns the exit code.
 * @param version of this program, for MCP clients
 * @throws UsageError if a setting is invalid, or a port is taken
 */
export async function serveGateway(options: GatewayCommandOptions, version: string): Promise<number> {
  const settings = readSettings(options, process.env);
  const log = createLog(settings.logLevel);
  const credential = await credentials(settings);
  log.write('info', 'starting', { version });
  const registry = new Registry();
  collectProcessMetrics(registry);
  const metrics = promMetrics(registry);
  const tracing = await startTracing({
    env: process.env,
    serviceName: 'copepod-gateway',
    version,
    metrics,
    metricPrefix: 'copepod_gateway',
    onError: (message) => log.write('warn', 'traces could not be sent', { reason: message }),
  });
  const client = KubeClient.to(credential, {
    userAgent: 'copepod-gateway',
    onRequest: requestMetrics(metrics),
  });
  const onError = (error: unknown): void => log.write('warn', 'a request to the API server failed', { error });
  const { namespaces, ownNamespace } = settings;
  const caches = new GatewayCaches({ client, namespaces, metrics, onError });
  const stop = new AbortController();
  const following = caches.run(stop.signal);
  const stopped = stopSignals(log, stop);
  try {
    const key = await toldWhileWaiting(
      orAborted(
        // The operator creates it: it may not have started yet.
        untilAnswered(() => readSigningKey(client, ownNamespace, 'gateway'), { signal: stop.signal, onError }),
        stop.signal,
      ),
      () => log.write('warn', 'waiting for the signing key', { namespace: ownNamespace }),
    );
    await toldWhileWaiting(caches.whenSynced(stop.signal), () =>
      log.write('warn', 'waiting for caches', { resources: caches.unsynced }),
    );
    await serve({ version, settings, log, registry, metrics, client, caches, key, stop, stopped, tracing });
    return 0;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return 0;
  } finally {
    stop.abort();
    await following;
    client.close();
    await tracing?.close();
    await log.flush();
  }
}

interface ServeParts {
  readonly version: string;
  readonly settings: GatewaySettings;
  readonly log: Log;
  readonly registry: Registry;
  readonly metrics: Metrics;
  readonly client: KubeClient;
  readonly caches: GatewayCaches;
  readonly key: SigningKey;
  /** Ends everything at once. */
  readonly stop: AbortController;
  /** Resolves when it is asked to end. */
  readonly stopped: StopSignals;
  /** Undefined: nothing is traced. */
  readonly tracing: Tracing | undefined;
}

/** Serves from synced caches until it is stopped, and every request is answered. */
async function serve({
  version,
  settings,
  log,
  registry,
  metrics,
  client,
  caches,
  key,
  stop,
  stopped,
  tracing,
}: ServeParts): Promise<void> {
  const pods = new PodClient({
    privateKey: key.privateKey,
    epoch: 0,
    base: '/v1/gateway',
    onRequest: podRequestMetrics(metrics, 'gateway'),
  });
  const directory = new PodDirectory({ pods: caches.pods, client: pods });
  const places = new Places({
    serving: (runtime) => directory.serving(runtime),
    onWaiting: () => demand.tell(),
  });
  const { podUID } = settings;
  const publicKey = createPublicKey({ key: JSON.parse(key.publicKey), format: 'jwk' });
  const demand = new Demand({ places, publicKey, podUID });
  const invocations = new Invocations({ publicKey, podUID });
  const following = directory.run(
    {
      hasNetworkPolicy: (runtime) => caches.hasNetworkPolicy(runtime),
      onServing: (runtime) => places.podsChanged(runtime),
      onStats: () => {},
      onGone: () => {},
    },
    stop.signal,
  );
  const unsubscribe = follow(caches, directory, {
    changed: () => endpoints.changed(),
    deleted: (endpoint) => {
      endpoints.changed();
      invocations.forget(endpoint);
    },
  });
  gauges(metrics, places);
  const records = metrics.counter({
    name: 'copepod_gateway_records_total',
    help: 'ScriptExecutions written after an execution.',
    labelNames: ['result'],
  });
  const recorder = new Recorder({
    client,
    onWritten: (error) => {
      records.inc({ result: error === undefined ? 'written' : 'error' });
      if (error !== undefined) log.write('error', 'an execution could not be recorded', { error });
    },
  });
  const onBug = (error: unknown): void => log.write('error', 'a request failed by a bug', { error });
  const reviewed = new Access(reviewsOf(client));
  const access: RequestAccess = {
    check: ({ authorization }, namespace) => reviewed.check(authorization, namespace),
  };
  const executor = new RuntimeExecutor({
    runtime: (ref) => caches.runtimes.store.get(ref),
    sources: new Sources({ known: caches.sources.store, read: (ref) => client.find(CONFIG_MAPS, ref) }),
    runs: new PodRuns({ client: pods, places, suspect: (podUID) => directory.suspect(podUID) }),
    maxWaitMs: settings.maxWaitMs,
  });
  const requests = new ScriptRequests({ executor, recorder });
  const toolTypes = new ToolTypes((runtime) => directory.serving(runtime), pods);
  const endpoints = new EndpointTable({
    get: (ref) => caches.endpoints.store.get(ref),
    all: () => caches.endpoints.store.values(),
    reserved: hostsOf(settings.gatewayURLs),
  });
  const endpointHandler = new EndpointHandler({
    executor,
    requests,
    authenticate: endpointAuthentication({ access, jwt: new JwtAccess(settings.jwksHosts) }),
    onEnded: (endpoint, outcome) => {
      const { metadata } = endpoint;
      if (caches.endpoints.store.get(metadata)?.metadata.uid === metadata.uid) invocations.count(endpoint, outcome);
    },
    tellsErrors: false,
  });
  const runtimeOf = (namespace: string, name: string): ScriptRuntime | undefined =>
    caches.runtimes.store.get({ namespace, name });
  const hasRuntime = (namespace: string, name: string): boolean => runtimeOf(namespace, name) !== undefined;
  const gateway = new Gateway({
    handlers: new Map<string, RequestHandler>([
      ['apis', new ExecuteHandler({ requests, access, hasRuntime })],
      [
        'mcp',
        new McpHandler({
          requests,
          access,
          runtime: runtimeOf,
          hostTypes: async (runtime, tenant) =>
            joinedTypes(annotatedHostTypes(runtime), await toolTypes.of(runtime, tenant)),
          version,
          onBug,
        }),
      ],
    ]),
    endpoints: new EndpointRoutes(endpoints, endpointHandler),
    observer: new RequestObserver(log, settings.accessLog, metrics),
    onBug,
    tracing,
  });
  let isReady = true;
  const probes = await serveProbes(
    settings.probePort,
    {
      registry,
      isReady: () => isReady,
      routes: (app, guard) => {
        demand.addTo(app, guard);
        invocations.addTo(app, guard);
      },
    },
    settings.address,
  ).catch(portTaken(settings.probePort));
  try {
    await serveUntilStopped({
      gateway,
      log,
      ...settings,
      fields: { probePort: portOf(probes), namespaces: settings.namespaces ?? 'all' },
      stopped: stopped.requested,
      onServing: () => stopped.serving(),
      onDraining: () => {
        isReady = false;
      },
    });
    await recorder.idle();
  } finally {
    unsubscribe();
    await Promise.all([demand.close(), invocations.close()]);
    stop.abort();
    await following;
    pods.close();
    probes.close();
    probes.closeAllConnections();
  }
}

function gauges(metrics: Metrics, places: Places): void {
  for (const [name, help, what] of [
    ['copepod_gateway_requests_in_flight', 'Requests on pods, by runtime.', 'inFlight'],
    ['copepod_gateway_requests_waiting', 'Requests that wait for a place on a pod, by runtime.', 'waiting'],
  ] as const) {
    metrics.gauge({ name, help, labelNames: ['namespace', 'runtime'] }, (gauge) => {
      for (const each of places.demand()) {
        const [namespace = '', runtime = ''] = each.runtime.split('/');
        gauge.set({ namespace, runtime }, each[what]);
      }
    });
  }
}

const portTaken =
  (port: number) =>
  (error: unknown): never => {
    throw cannotListen(port, error);
  };

async function credentials({ kubeconfig, context }: GatewaySettings): ReturnType<typeof loadCredentials> {
  try {
    return await loadCredentials({
      ...(kubeconfig === undefined ? {} : { file: kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
  } catch (error) {
    throw new UsageError(
      (error as Error).message,
      'outside a cluster, name one with --kubeconfig FILE, or use --local',
    );
  }
}
