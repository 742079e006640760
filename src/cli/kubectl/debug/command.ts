import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceOf, referenceText } from '../../../api/env.ts';
import { terminalText } from '../../../api/text.ts';
import type { ScriptExecution, ScriptRuntime } from '../../../api/types.generated.ts';
import { UsageError } from '../../../api/usage-error.ts';
import { executionEnv } from '../../input/env-values.ts';
import type { InspectOptions } from '../../inspect/inspect-options.ts';
import { runCommand } from '../../run/command.ts';
import { firstProcesses } from '../../run/first-processes.ts';
import type { OverrideOptions } from '../../run/option-values.ts';
import { type ClusterOptions, withCluster } from '../cluster.ts';
import { findExecution } from '../find-execution.ts';
import { type Given, readGiven } from './given.ts';
import { saveGiven } from './save.ts';

export interface DebugOptions extends ClusterOptions, OverrideOptions, InspectOptions {
  readonly hostFunctions?: string;
  /** Directory for the manifests; undefined: they are not kept. */
  readonly save?: string;
  /** Reads Secrets too. */
  readonly secrets?: boolean;
  readonly output: 'table' | 'json' | 'yaml';
}

/** `kubectl copepod debug`: runs on this machine what an execution is given in the cluster. Returns the exit code. */
export async function debugCommand(name: string, options: DebugOptions): Promise<number> {
  const { execution, given, namespace } = await withCluster(options, async (cluster) => {
    const found = await findExecution(cluster, name);
    const read = await readGiven(cluster, found, options.secrets === true);
    return { execution: found, given: read, namespace: cluster.namespace };
  });
  for (const missing of given.missing) tell(`${missing} does not exist in namespace ${namespace}`);
  if (given.isChanged) tell('the files in ConfigMaps have changed since the last run');
  assertSecrets(execution, given, options);
  const processes = firstProcesses([]);
  const directory = options.save ?? (await mkdtemp(join(tmpdir(), 'copepod-debug-')));
  try {
    await saveGiven(directory, given, options.secrets === true);
    if (options.save !== undefined) tell(`saved to ${directory}: copepod run ${directory} runs it again`);
    const code = await runCommand([directory], { ...options, namespace }, processes);
    for (const field of given.unknown)
      tell(`${field} is of a later version: this one does not know it, and has left it out`);
    return code;
  } finally {
    await processes.close();
    if (options.save === undefined) await rm(directory, { recursive: true, force: true });
  }
}

const tell = (text: string): void => void process.stderr.write(`kubectl copepod: ${terminalText(text)}\n`);

/** Secrets are read only where that is asked for: this machine is not the pod. */
function assertSecrets(execution: ScriptExecution, given: Given, { secrets, env = [] }: DebugOptions): void {
  if (secrets || given.runtime === undefined) return;
  const set = new Set(env.map((pair) => pair.split('=', 1)[0]));
  const needed = executionEnv(given.runtime as ScriptRuntime, execution).filter((variable) => {
    const reference = referenceOf(variable);
    return reference?.kind === 'Secret' && !reference.optional && !set.has(variable.name);
  });
  const [first] = needed;
  const reference = first && referenceOf(first);
  if (first === undefined || reference === undefined) return;
  const hint = `--secrets reads it with your rights; --env ${first.name}=... sets another value`;
  throw new UsageError(`env.${first.name} is from ${referenceText(reference)}`, hint);
}
