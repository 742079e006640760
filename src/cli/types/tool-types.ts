import type { ScriptRuntime } from '../../api/types.generated.ts';
import { UsageError } from '../../api/usage-error.ts';
import { Egress } from '../../runtime/egress/egress.ts';
import { manifestValues } from '../../runtime/env/manifest-values.ts';
import { specOptions } from '../../runtime/spec-options.ts';
import { Tools } from '../../runtime/tools/tools.ts';
import { readLocalObjects } from '../input/local-objects.ts';

/** UTF-16 units of what is declared in full: for an editor, and not for a model. */
const MAX_LENGTH = 2 << 20;

export interface ToolTypesOptions {
  readonly namespace: string;
  /** Name of the ScriptRuntime; undefined: the only one of the files. */
  readonly runtime?: string | undefined;
  /** Id of the tenant whose tools these are; undefined: the namespace. */
  readonly tenant?: string | undefined;
}

/**
 * Declarations of the tools that the ScriptRuntime of some manifests names. They are loaded as for scripts: by its egress rules.
 * @returns undefined where a manifest is invalid, and that has been said
 * @throws UsageError where a tool cannot be loaded, or the runtime is not there
 */
export async function toolTypes(files: readonly string[], options: ToolTypesOptions): Promise<string | undefined> {
  const objects = await readLocalObjects(files, options.namespace);
  if (objects === undefined) return undefined;
  const { metadata, spec } = chosen(objects.runtimes, options);
  const values = manifestValues(metadata.namespace, [...objects.configMaps, ...objects.secrets]);
  const { egress, tools: sources = [] } = specOptions(spec, values);
  const connections = new Egress(egress, (reference) => values.read({ kind: 'Secret', ...reference }));
  const tools = new Tools(sources, connections);
  try {
    const { text, problems } = await tools.declarations(options.tenant ?? metadata.namespace, MAX_LENGTH);
    if (problems.length === 0) return text;
    throw new UsageError(problems.map(({ name, message }) => `tool ${name} cannot be loaded: ${message}`).join('\n  '));
  } finally {
    tools.close();
    await connections.close();
  }
}

function chosen(runtimes: readonly ScriptRuntime[], { namespace, runtime: name }: ToolTypesOptions): ScriptRuntime {
  const there = runtimes.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ') || 'none';
  const found =
    name === undefined
      ? runtimes
      : runtimes.filter(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (name !== undefined) throw new UsageError(`--runtime: there is no ${namespace}/${name}`, `there is ${there}`);
  if (only === undefined) throw new UsageError('the files have no ScriptRuntime', 'name one with spec.tools');
  throw new UsageError(`there are ${found.length} ScriptRuntimes: ${there}`, 'choose one with --runtime NAME');
}
