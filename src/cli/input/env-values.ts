import type { ConfigMap } from '../../api/config-map.ts';
import { tenantOf } from '../../api/defaults.ts';
import { type EnvVar, envOf } from '../../api/env.ts';
import type { ManifestDocument } from '../../api/manifest.ts';
import { type Secret, secretTexts } from '../../api/secret.ts';
import type { ScriptExecution, ScriptRuntime } from '../../api/types.generated.ts';
import { GivenValues } from '../../runtime/env/value-source.ts';

/** The values of a namespace's Secrets and ConfigMaps in the files. */
export function valuesIn(
  namespace: string,
  objects: Iterable<ManifestDocument<Secret> | ManifestDocument<ConfigMap>>,
): GivenValues {
  const secrets: Record<string, Record<string, string>> = {};
  const configMaps: Record<string, Record<string, string>> = {};
  for (const { object } of objects) {
    const { name, namespace: of } = object.metadata;
    if (of !== namespace) continue;
    if (object.kind === 'Secret') secrets[name] = secretTexts(object);
    else configMaps[name] = object.data;
  }
  return new GivenValues({ secrets, configMaps });
}

/** The variables of an execution. */
export const executionEnv = (runtime: ScriptRuntime, execution: ScriptExecution): readonly EnvVar[] =>
  envOf(runtime.spec.env, execution.spec.env, tenantOf(execution));
