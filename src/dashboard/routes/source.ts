import { SOURCE_LABEL } from '../../api/config-map.ts';
import { type FileTexts, fileReferences, scriptFiles } from '../../api/script-files.ts';
import type { ScriptEndpoint, ScriptExecution, ScriptRuntime, ScriptSchedule } from '../../api/types.generated.ts';
import { SCRIPT_RUNTIMES } from '../../cluster/resources.ts';
import { isForbidden } from '../../kube/api-error.ts';
import { CONFIG_MAPS } from '../../kube/resources.ts';
import type { SourceAnswer } from '../messages.ts';
import { badRequest, notFound } from '../refusal.ts';
import { readObject, refIn } from './object.ts';
import type { ApiRequest, Route } from './route.ts';

type Scripted = Pick<ScriptExecution['spec'], 'source' | 'sourceFrom' | 'runtimeRef'>;

/** `GET /api/sources/KIND/NAMESPACE/NAME`: the files that an object runs, read with the viewer's rights. */
export const sourceRoute: Route = async (request): Promise<SourceAnswer> => {
  const { client, path, signal } = request;
  const { kind, ref } = refIn(path);
  if (kind === 'runtimes') throw badRequest('a runtime has no script');
  const object = (await readObject(client, kind, ref, signal)) as unknown as
    | ScriptExecution
    | ScriptSchedule
    | ScriptEndpoint;
  const spec: Scripted = object.kind === 'ScriptSchedule' ? object.spec.executionTemplate.spec : object.spec;
  const wasRead = object.kind === 'ScriptExecution' ? object.status.sourceDigest : undefined;
  return await filesOf(request, spec, ref.namespace ?? '', wasRead);
};

async function filesOf(
  { client, signal }: ApiRequest,
  { source, sourceFrom, runtimeRef }: Scripted,
  namespace: string,
  wasRead: string | undefined,
): Promise<SourceAnswer> {
  const runtime = await client.find(SCRIPT_RUNTIMES, { name: runtimeRef.name, namespace }, { signal });
  const data = new Map<string, FileTexts>();
  const read = async (imports: ScriptRuntime['spec']['imports']) => {
    for (const { configMap: name } of fileReferences(sourceFrom, imports)) {
      if (data.has(name)) continue;
      const found = await client.find(CONFIG_MAPS, { name, namespace }, { signal });
      if (found?.metadata.labels?.[SOURCE_LABEL] === 'true') data.set(name, found.data ?? {});
    }
    return scriptFiles(sourceFrom, imports, (name) => data.get(name));
  };
  // Without the right to read what the runtime imports, a script that is in the object is shown all the same.
  const all = await read(runtime?.spec.imports).catch(async (error: unknown) => {
    if (isForbidden(error)) return undefined;
    throw error;
  });
  const files = all ?? (await read(undefined));
  const script = files?.script ?? (source === undefined ? undefined : { text: source });
  if (script === undefined) throw notFound('the ConfigMap with the script, or its key, does not exist');
  const digest = all?.digest;
  return {
    script,
    files: files?.files ?? {},
    isChanged: wasRead !== undefined && digest !== undefined && digest !== wasRead,
  };
}
