import { type ConfigMap, SOURCE_LABEL } from '../../api/config-map.ts';
import { defaultRuntime } from '../../api/defaults.ts';
import { annotatedHostTypes, joinedTypes } from '../../api/host-types.ts';
import { type FileTexts, fileReferences, scriptFiles } from '../../api/script-files.ts';
import type { Secret } from '../../api/secret.ts';
import type { ScriptEndpoint, ScriptRuntime } from '../../api/types.generated.ts';
import type { Log } from '../../cluster/log.ts';
import { keyOf } from '../../kube/object.ts';
import { manifestValues } from '../../runtime/env/manifest-values.ts';
import type { Setup } from '../../runtime/host-functions-file.ts';
import { RuntimeExecutor, type RuntimeExecutorParts } from '../execute/runtime-executor.ts';
import { EngineRuns } from './engine-runs.ts';

/** The objects of manifests that scripts are executed with. */
export interface LocalObjects {
  readonly runtimes: readonly ScriptRuntime[];
  readonly configMaps: readonly ConfigMap[];
  readonly secrets: readonly Secret[];
  readonly endpoints: readonly ScriptEndpoint[];
}

/** Host functions of all scripts. */
export interface LocalHost {
  readonly setup: Setup;
  /** Their TypeScript declarations. */
  readonly types: () => Promise<string>;
}

export interface LocalExecutorOptions {
  readonly host: LocalHost | undefined;
  /** Maximum time to wait for a place, in milliseconds. */
  readonly maxWaitMs: number;
  readonly log: Pick<Log, 'write'>;
}

/** Executes scripts in this process, on the runtimes of manifests. */
export interface LocalExecutor {
  readonly executor: RuntimeExecutor;
  /** By `namespace/name`. */
  readonly runtimes: ReadonlyMap<string, ScriptRuntime>;
  /** TypeScript declarations of a runtime's host functions, those of the module, else those that the runtime names; and of a tenant's tools. */
  hostTypes(runtime: ScriptRuntime, tenant: string): Promise<string>;
  /** Ends every sandbox process. */
  close(): Promise<void>;
}

/**
 * Starts no process before a script asks for one. There is always a runtime "default/default", and one with the defaults for each endpoint whose
 * runtime is not among the objects, as `copepod run` has them.
 */
export function localExecutor(objects: LocalObjects, { host, maxWaitMs, log }: LocalExecutorOptions): LocalExecutor {
  const named = objects.endpoints.map(({ metadata: { namespace }, spec }) => ({
    namespace,
    name: spec.runtimeRef.name,
  }));
  const byDefault = [{ namespace: 'default', name: 'default' }, ...named].map(({ namespace, name }) =>
    defaultRuntime(name, namespace),
  );
  // Those that are given come last, and so count.
  const runtimes = new Map([...byDefault, ...objects.runtimes].map((runtime) => [keyOf(runtime), runtime]));
  const runs = new EngineRuns([...runtimes.values()], {
    values: (namespace) => manifestValues(namespace, [...objects.configMaps, ...objects.secrets]),
    setup: host?.setup,
    onWithoutSeccomp: (reason) => log.write('warn', `${reason}: sandboxes run without a seccomp filter`),
  });
  const executor = new RuntimeExecutor({
    runtime: ({ namespace, name }) => runtimes.get(`${namespace}/${name}`),
    sources: sourcesOf(objects.configMaps),
    runs,
    maxWaitMs,
  });
  const hostTypes = async (runtime: ScriptRuntime, tenant: string): Promise<string> =>
    joinedTypes(
      host === undefined ? annotatedHostTypes(runtime) : await host.types(),
      await runs.toolTypes(keyOf(runtime), tenant),
    );
  return { executor, runtimes, hostTypes, close: () => runs.close() };
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
