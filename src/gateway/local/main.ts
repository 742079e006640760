import { type ConfigMap, SOURCE_LABEL } from '../../api/config-map.ts';
import { defaultRuntime } from '../../api/defaults.ts';
import { type FileTexts, fileReferences, scriptFiles } from '../../api/script-files.ts';
import type { Secret } from '../../api/secret.ts';
import type { ScriptRuntime } from '../../api/types.generated.ts';
import { UsageError } from '../../api/usage-error.ts';
import { NO_METRICS } from '../../kube/metrics.ts';
import { manifestValues } from '../../runtime/env/manifest-values.ts';
import type { Setup } from '../../runtime/host-functions-file.ts';
import { RuntimeExecutor, type RuntimeExecutorParts } from '../execute/runtime-executor.ts';
import { Gateway } from '../gateway.ts';
import { RequestObserver } from '../http/observer.ts';
import { serveUntilStopped } from '../serve.ts';
import type { GatewaySettings } from '../settings.ts';
import { stopSignals } from '../stop-signals.ts';
import { EngineRuns } from './engine-runs.ts';
import { loopbackAccess } from './loopback-access.ts';
import { textLog } from './text-log.ts';

/** What a gateway without a cluster serves. */
export interface LocalObjects {
  readonly runtimes: readonly ScriptRuntime[];
  readonly configMaps: readonly ConfigMap[];
  readonly secrets: readonly Secret[];
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * `copepod gateway --local`: executes scripts for requests of this machine, in this process, until it is stopped. Returns
 * the exit code.
 * @throws UsageError if it cannot listen, or would listen to other machines
 */
export async function serveLocal(
  objects: LocalObjects,
  settings: GatewaySettings,
  setup: Setup | undefined,
): Promise<number> {
  const { address = '127.0.0.1', accessLog, graceMs, maxWaitMs, port } = settings;
  if (!LOOPBACK.has(address)) {
    throw new UsageError(
      `--address: ${address} is not a loopback address`,
      'whoever reaches a local gateway may execute',
    );
  }
  const log = textLog(process.stderr);
  const runtimes = withDefault(objects.runtimes);
  const byKey = new Map(runtimes.map((runtime) => [keyOf(runtime), runtime]));
  const runs = new EngineRuns(runtimes, {
    values: (namespace) => manifestValues(namespace, [...objects.configMaps, ...objects.secrets]),
    setup,
    onWithoutSeccomp: (reason) => log.write('warn', `${reason}: sandboxes run without a seccomp filter`),
  });
  const gateway = new Gateway({
    executor: new RuntimeExecutor({
      runtime: ({ namespace, name }) => byKey.get(`${namespace}/${name}`),
      sources: sourcesOf(objects.configMaps),
      runs,
      maxWaitMs,
    }),
    access: loopbackAccess,
    recorder: undefined,
    observer: new RequestObserver(log, accessLog, NO_METRICS),
    hasRuntime: (namespace, name) => byKey.has(`${namespace}/${name}`),
    onBug: (error) => log.write('error', 'a request failed by a bug', { error }),
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
        for (const key of byKey.keys()) log.write('info', `POST ${urlOf(address, bound, key)}`);
      },
    });
  } finally {
    await runs.close();
  }
  return 0;
}

/** There is always a runtime "default", as `copepod run` has one. */
function withDefault(runtimes: readonly ScriptRuntime[]): readonly ScriptRuntime[] {
  const isThere = runtimes.some((runtime) => keyOf(runtime) === 'default/default');
  return isThere ? runtimes : [...runtimes, defaultRuntime('default', 'default')];
}

const keyOf = ({ metadata: { namespace, name } }: ScriptRuntime): string => `${namespace}/${name}`;

function urlOf(address: string, port: number, key: string): string {
  const [namespace, name] = key.split('/');
  const host = address.includes(':') ? `[${address}]` : address;
  return `http://${host}:${port}/apis/copepod.dev/v1alpha1/namespaces/${namespace}/scriptruntimes/${name}/execute`;
}

/** What scripts read from the ConfigMaps of the manifests. */
function sourcesOf(configMaps: readonly ConfigMap[]): RuntimeExecutorParts['sources'] {
  const labelled = configMaps.filter(({ metadata }) => metadata.labels?.[SOURCE_LABEL] === 'true');
  const byKey = new Map(labelled.map(({ metadata, data }) => [`${metadata.namespace}/${metadata.name}`, data]));
  const dataOf = (namespace: string, name: string): FileTexts | undefined => byKey.get(`${namespace}/${name}`);
  return {
    missing: ({ metadata: { namespace }, spec }, runtime) => {
      for (const { configMap, key } of fileReferences(spec.sourceFrom, runtime.spec.imports)) {
        const data = dataOf(namespace, configMap);
        if (data === undefined)
          return `ConfigMap "${configMap}" with label ${SOURCE_LABEL}: "true" is not in the files given.`;
        if (!Object.hasOwn(data, key)) return `ConfigMap "${configMap}" has no key "${key}" in its data.`;
      }
      return undefined;
    },
    read: async ({ metadata: { namespace }, spec }, runtime) =>
      scriptFiles(spec.sourceFrom, runtime.spec.imports, (name) => dataOf(namespace, name)),
  };
}
