import { randomInt } from 'node:crypto';
import { runDigest } from '../../../api/digest.ts';
import type { ScriptExecution } from '../../../api/types.generated.ts';
import { progressOf } from '../../../cluster/executions/progress.ts';
import { rerunPatch } from '../../../cluster/executions/rerun-patch.ts';
import { SCRIPT_EXECUTIONS } from '../../../cluster/resources.ts';
import { isAlreadyExists } from '../../../kube/api-error.ts';
import type { Cluster } from '../cluster.ts';
import type { Prepared } from './prepared.ts';

/** Field manager of what the plugin applies. */
const FIELD_MANAGER = 'kubectl-copepod';
const MAX_TRIES = 5;
const SUFFIX_LENGTH = 5;
/** As in names that Kubernetes generates: no vowels, so no words. */
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

export type Written = 'created' | 'configured' | 'run again';

export async function write(
  cluster: Cluster,
  { execution, isNew }: Prepared,
): Promise<{ readonly execution: ScriptExecution; readonly what: Written }> {
  return isNew ? { execution: await create(cluster, execution), what: 'created' } : await apply(cluster, execution);
}

/** Creates it under its name with a random suffix. */
async function create({ client }: Cluster, execution: ScriptExecution): Promise<ScriptExecution> {
  for (let tries = 1; ; tries += 1) {
    const { metadata, spec } = execution;
    const name = `${metadata.name}-${suffix()}`;
    try {
      const { namespace } = metadata;
      return await client.create(SCRIPT_EXECUTIONS, { metadata: { name, namespace }, spec } as ScriptExecution);
    } catch (error) {
      if (!isAlreadyExists(error) || tries >= MAX_TRIES) throw error;
    }
  }
}

const suffix = (): string =>
  Array.from({ length: SUFFIX_LENGTH }, () => SUFFIX_LETTERS[randomInt(SUFFIX_LETTERS.length)]).join('');

/** Applies it. One that has been run as it is starts another run. */
async function apply(
  { client }: Cluster,
  { metadata, spec }: ScriptExecution,
): Promise<{ readonly execution: ScriptExecution; readonly what: Written }> {
  const { name, namespace, labels, annotations } = metadata;
  const before = await client.find(SCRIPT_EXECUTIONS, { name, namespace });
  const wanted = {
    metadata: {
      name,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec,
  };
  const options = { fieldManager: FIELD_MANAGER, force: true };
  const after = await client.apply(SCRIPT_EXECUTIONS, wanted as ScriptExecution, options);
  if (before === undefined) return { execution: after, what: 'created' };
  const isSame = runDigest(after.spec) === runDigest(before.spec);
  if (!isSame || progressOf(before).kind !== 'finished') return { execution: after, what: 'configured' };
  const patch = rerunPatch(after.spec);
  return { execution: await client.mergePatch(SCRIPT_EXECUTIONS, { name, namespace }, patch), what: 'run again' };
}
