import { SOURCE_LABEL } from '../../../api/config-map.ts';
import { schemaOf } from '../../../api/crd.ts';
import { type ValueReference, valueReferences } from '../../../api/env.ts';
import type { JsonObject } from '../../../api/json.ts';
import { type FileTexts, fileReferences, scriptFiles } from '../../../api/script-files.ts';
import type { ScriptExecution, ScriptRuntime } from '../../../api/types.generated.ts';
import { withoutUnknownFields } from '../../../api/unknown-fields.ts';
import { SCRIPT_RUNTIMES } from '../../../cluster/resources.ts';
import { CONFIG_MAPS, SECRETS } from '../../../kube/resources.ts';
import type { Cluster } from '../cluster.ts';

type OurKind = 'ScriptExecution' | 'ScriptRuntime';

/** What an execution is given in the cluster, as manifests. */
export interface Given {
  readonly execution: object;
  readonly runtime: object | undefined;
  readonly configMaps: readonly object[];
  readonly secrets: readonly object[];
  /** ConfigMaps, keys or Secrets that do not exist, as `ConfigMap NAME`. */
  readonly missing: readonly string[];
  /** Fields of a later version of the API, which are left out. */
  readonly unknown: readonly string[];
  /** The files of ConfigMaps are others than those that the last run read. */
  readonly isChanged: boolean;
}

/**
 * Reads what an execution is given: its runtime, and the ConfigMaps of its script, imports and env.
 *
 * @param withSecrets reads the Secrets of the runtime's env and headers too, with the user's own rights
 */
export async function readGiven(cluster: Cluster, execution: ScriptExecution, withSecrets: boolean): Promise<Given> {
  const { client, namespace } = cluster;
  const { spec, status } = execution;
  const runtime = await client.find(SCRIPT_RUNTIMES, { name: spec.runtimeRef.name, namespace });
  const values = runtime === undefined ? [] : valueReferences(runtime.spec);
  const files = fileReferences(spec.sourceFrom, runtime?.spec.imports);
  const ofKind = (kind: ValueReference['kind']): string[] =>
    values.filter((each) => each.kind === kind).map(({ name }) => name);
  const names = new Set([...files.map(({ configMap }) => configMap), ...ofKind('ConfigMap')]);
  const sources = new Set(files.map(({ configMap }) => configMap));
  const data = new Map<string, FileTexts>();
  const missing: string[] = [];
  const configMaps: object[] = [];
  for (const name of names) {
    const found = await client.find(CONFIG_MAPS, { name, namespace });
    if (found === undefined) missing.push(`ConfigMap ${name}`);
    else {
      data.set(name, found.data ?? {});
      const labels = sources.has(name)
        ? { labels: { [SOURCE_LABEL]: found.metadata.labels?.[SOURCE_LABEL] ?? '' } }
        : {};
      configMaps.push(manifest('v1', 'ConfigMap', { name, namespace, ...labels }, { data: found.data ?? {} }));
    }
  }
  const secrets: object[] = [];
  for (const name of withSecrets ? new Set(ofKind('Secret')) : []) {
    const found = await client.find(SECRETS, { name, namespace });
    const keys = values.filter((each) => each.kind === 'Secret' && each.name === name).map(({ key }) => key);
    if (found === undefined) missing.push(`Secret ${name}`);
    else {
      const referenced = Object.entries(found.data ?? {}).filter(([key]) => keys.includes(key));
      secrets.push(manifest('v1', 'Secret', { name, namespace }, { data: Object.fromEntries(referenced) }));
    }
  }
  const { sourceDigest } = status;
  const now = scriptFiles(spec.sourceFrom, runtime?.spec.imports, (name) => data.get(name))?.digest;
  const own = ours('ScriptExecution', execution, withoutControls(spec));
  const ofRuntime = runtime && ours('ScriptRuntime', runtime, runtime.spec);
  return {
    execution: own.value,
    runtime: ofRuntime?.value,
    configMaps,
    secrets,
    missing,
    unknown: [...own.removed, ...(ofRuntime?.removed ?? [])],
    isChanged: sourceDigest !== undefined && now !== undefined && sourceDigest !== now,
  };
}

function ours(kind: OurKind, { apiVersion, metadata }: ScriptExecution | ScriptRuntime, spec: object) {
  const { name, namespace } = metadata;
  return withoutUnknownFields(schemaOf(kind), manifest(apiVersion, kind, { name, namespace }, { spec }) as JsonObject);
}

const manifest = (apiVersion: string, kind: string, metadata: object, rest: object): object => ({
  apiVersion,
  kind,
  metadata,
  ...rest,
});

/** What runs here is what would run there: whether and when it does is no matter. */
function withoutControls(spec: ScriptExecution['spec']): object {
  const { suspend: _, cancel: __, startingDeadlineSeconds: ___, backoffLimit: ____, ...rest } = spec;
  return rest;
}
