import { Registry } from 'prom-client';
import { cannotListen, UsageError } from '../api/usage-error.ts';
import { createLog } from '../cluster/log.ts';
import { portOf, serveProbes } from '../cluster/probe-server.ts';
import { loadSigningKey } from '../cluster/signing-key.ts';
import { collectProcessMetrics } from '../http/process-metrics.ts';
import { isForbidden } from '../kube/api-error.ts';
import { KubeClient } from '../kube/client.ts';
import { EventRecorder } from '../kube/events.ts';
import { loadCredentials } from '../kube/kube-config.ts';
import { LeaderElector } from '../kube/leader-election.ts';
import { orAborted } from '../kube/or-aborted.ts';
import { promMetrics, requestMetrics } from '../kube/prom.ts';
import { PODS } from '../kube/resources.ts';
import { toldWhileWaiting } from '../kube/told-while-waiting.ts';
import { untilAnswered } from '../kube/until-answered.ts';
import { startTracing } from '../tracing/start-tracing.ts';
import { Caches } from './caches.ts';
import { watchClock } from './clock-watch.ts';
import { GatewayPods } from './gateways/gateway-pods.ts';
import { identityOf } from './identity.ts';
import { lead } from './leader.ts';
import { type OperatorCommandOptions, type OperatorSettings, readSettings } from './settings.ts';

const LEASE = 'copepod-operator';
const CONTROLLER = 'copepod.dev/operator';

/**
 * `copepod operator`: watches the cluster, and acts on it while it leads, until it is stopped. Returns the exit code.
 * @param version of this program, for its log and traces
 * @throws UsageError if a required setting is missing or invalid
 */
export async function serveOperator(options: OperatorCommandOptions, version: string): Promise<number> {
  const settings = readSettings(options, process.env);
  const log = createLog(settings.logLevel);
  log.write('info', 'starting', { version });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1);
      log.write('info', 'shutting down', { signal });
      stop.abort(new Error(`stopped by ${signal}`));
    });
  }
  const registry = new Registry();
  collectProcessMetrics(registry);
  const metrics = promMetrics(registry);
  const tracing = await startTracing({
    env: process.env,
    serviceName: 'copepod-operator',
    version,
    metrics,
    metricPrefix: 'copepod_operator',
    onError: (message) => log.write('warn', 'traces could not be sent', { reason: message }),
  });
  const client = KubeClient.to(await credentials(settings), {
    userAgent: 'copepod-operator',
    onRequest: requestMetrics(metrics),
  });
  const onError = (error: unknown): void => log.write('warn', 'a request to the API server failed', { error });
  watchClock(client, metrics, log, stop.signal);
  const caches = new Caches({ client, namespaces: settings.namespaces, metrics, onError });
  const server = await serveProbes(settings.port, { registry, isReady: () => caches.hasSynced }).catch(
    (error: unknown) => {
      throw cannotListen(settings.port, error);
    },
  );
  const following = caches.run(stop.signal);
  try {
    // Exiting would restart the container with growing back-off, long after the API server is available again.
    const { ownNamespace } = settings;
    const load = () =>
      Promise.all([
        loadSigningKey(client, ownNamespace, 'operator'),
        loadSigningKey(client, ownNamespace, 'gateway'),
        imageOf(client, settings),
      ]);
    const [signingKey, gatewayKey, runtimeImage] = await toldWhileWaiting(
      orAborted(untilAnswered(load, { signal: stop.signal, onError }), stop.signal),
      () => log.write('warn', 'waiting for the API server', { namespace: ownNamespace }),
    );
    await toldWhileWaiting(caches.whenSynced(stop.signal), () =>
      log.write('warn', 'waiting for caches', { resources: caches.unsynced }),
    );
    const identity = identityOf(settings);
    const elector = new LeaderElector({
      client,
      namespace: settings.ownNamespace,
      name: LEASE,
      identity: identity.name,
      hasEnded: identity.hasEnded,
      metrics,
      onError: (error) => log.write('warn', 'a request for the lease failed', { error }),
      onLeader: (identity) => log.write('info', 'leader observed', { identity }),
    });
    const events = new EventRecorder({
      client,
      controller: CONTROLLER,
      instance: elector.identity,
      metrics,
      // Nothing depends on Events, and none can be created in a namespace that is being deleted.
      onError: (error) => log.write(isForbidden(error) ? 'debug' : 'warn', 'an Event could not be written', { error }),
    });
    const port = portOf(server);
    log.write('info', 'caches synced', { namespaces: settings.namespaces ?? 'all', runtimeImage, port });
    const podDefaults = {
      image: runtimeImage,
      publicKey: signingKey.publicKey,
      gatewayPublicKey: gatewayKey.publicKey,
      operatorNamespace: settings.ownNamespace,
      scraperNamespaces: settings.scraperNamespaces,
      proxies: settings.proxies,
    };
    const { events: eventLevel, gatewayURLs } = settings;
    const parts = { client, caches, signingKey, podDefaults, eventLevel, gatewayURLs, events, metrics, log, tracing };
    const gatewayParts = { privateKey: gatewayKey.privateKey, onError };
    await elector.run(
      (leadership) =>
        lead(leadership, { ...parts, gateways: new GatewayPods({ client, ownNamespace, ...gatewayParts }) }),
      stop.signal,
    );
    await events.close();
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    stop.abort();
    await following;
    server.close();
    server.closeAllConnections();
    client.close();
    await tracing?.close();
    await log.flush();
  }
  return 0;
}

async function credentials({ kubeconfig, context }: OperatorSettings): ReturnType<typeof loadCredentials> {
  try {
    return await loadCredentials({
      ...(kubeconfig === undefined ? {} : { file: kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
  } catch (error) {
    throw new UsageError((error as Error).message, 'outside a cluster, name one with --kubeconfig FILE');
  }
}

/** The default image of runtimes: the configured one, else the operator's own. */
async function imageOf(client: KubeClient, settings: OperatorSettings): Promise<string> {
  const { runtimeImage, podName, ownNamespace } = settings;
  if (runtimeImage !== undefined) return runtimeImage;
  const pod = podName === undefined ? undefined : await client.find(PODS, { namespace: ownNamespace, name: podName });
  const image = pod?.spec?.containers[0]?.image;
  if (image !== undefined) return image;
  throw new UsageError('the image of runtime pods is not known', 'name it with --runtime-image IMAGE');
}
