import type { ConfigMap } from '../../api/config-map.ts';
import { type Secret, secretTexts } from '../../api/secret.ts';
import { GivenValues } from './value-source.ts';

/** The values of a namespace's Secrets and ConfigMaps in manifests. */
export function manifestValues(namespace: string, objects: Iterable<Secret | ConfigMap>): GivenValues {
  const secrets: Record<string, Record<string, string>> = {};
  const configMaps: Record<string, Record<string, string>> = {};
  for (const object of objects) {
    const { name, namespace: of } = object.metadata;
    if (of !== namespace) continue;
    if (object.kind === 'Secret') secrets[name] = secretTexts(object);
    else configMaps[name] = object.data;
  }
  return new GivenValues({ secrets, configMaps });
}
