import { defaultRuntime } from '../../../api/defaults.ts';
import { loadManifests } from '../../../api/manifest.ts';
import type { ManifestProblem } from '../../../api/origin.ts';
import type { ScriptExecution } from '../../../api/types.generated.ts';
import { UsageError } from '../../../api/usage-error.ts';
import { bareExecution } from '../../input/bare-script.ts';
import { findFiles, type InputFile } from '../../input/find-files.ts';
import { readText } from '../../input/read-text.ts';
import { fileScript, type ScriptText, scriptOf } from '../../input/script-text.ts';
import { readOverrides } from '../../run/option-values.ts';
import { withOverrides } from '../../run/overrides.ts';
import type { PluginRunOptions } from './run-options.ts';

/** An execution to write to the cluster. */
export interface Prepared {
  readonly execution: ScriptExecution;
  /** Of a script's file: the execution gets a name that no other has. A manifest's is applied under its own. */
  readonly isNew: boolean;
  /** The script as the user has it, for errors; undefined if it is in a ConfigMap of the cluster. */
  readonly script: ScriptText | undefined;
  /** Documents of the file that are not sent, as `Kind name`. */
  readonly others: readonly string[];
}

export interface Preparation {
  readonly prepared: Prepared;
  /** What the files of options hold, and hardly mean. */
  readonly warnings: readonly ManifestProblem[];
}

/**
 * Reads the file of `run` and lays the options over it.
 *
 * @param namespace that of the command line, else of the context
 * @throws UsageError for a file that cannot be read, or has no execution or several
 */
export async function prepare(
  name: string,
  namespace: string,
  options: PluginRunOptions,
): Promise<Preparation | { readonly problems: readonly ManifestProblem[] }> {
  const { files } = await findFiles([name]);
  const [file, second] = files;
  if (file === undefined || second !== undefined) throw new UsageError(`${name}: holds ${files.length} files`, ONE);
  const read =
    file.kind === 'script' ? await fromScript(file, namespace, options) : await fromManifest(file, namespace, options);
  const { overrides, problems, warnings } = await readOverrides(options);
  if ('problems' in read) return { problems: [...read.problems, ...problems] };
  if (problems.length > 0) return { problems };
  const { execution } = read.prepared;
  const runtime = defaultRuntime(execution.spec.runtimeRef.name, namespace);
  // Limits are the cluster's business: its runtime knows how high they may be.
  const task = { execution, runtime, implicitRuntime: true };
  const { spec } = withOverrides(task, { ...overrides, limits: {} }).execution;
  const limits = { ...spec.limits, ...overrides.limits };
  const changed = {
    ...spec,
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(options.runtime === undefined ? {} : { runtimeRef: { name: options.runtime } }),
  };
  return { prepared: { ...read.prepared, execution: { ...execution, spec: changed } }, warnings };
}

const ONE = 'name one script, or one manifest with a ScriptExecution';

type Read = Promise<{ readonly prepared: Prepared } | { readonly problems: readonly ManifestProblem[] }>;

async function fromScript({ path, linked }: InputFile, namespace: string, options: PluginRunOptions): Read {
  const text = options.bundle ? await bundled(path) : await readText(path);
  const result = bareExecution(options.name ?? path, text, namespace, new Set());
  if ('problems' in result) return result;
  const language = options.bundle ? 'JavaScript' : /\.m?ts$/i.test(path) ? 'TypeScript' : 'JavaScript';
  const { execution } = result;
  const named = { ...execution, spec: { ...execution.spec, language } } as ScriptExecution;
  const { imported: _, ...script } = fileScript(path, text, linked, {
    execution: named,
    runtime: undefined,
    configMaps: new Map(),
  });
  return { prepared: { execution: named, isNew: options.name === undefined, script, others: [] } };
}

async function bundled(path: string): Promise<string> {
  const { buildScript } = await import('../../build/command.ts');
  const { source, report } = await buildScript(path, { kind: 'ScriptExecution', output: 'yaml', sourceMap: true });
  process.stderr.write(report);
  return source;
}

async function fromManifest({ path }: InputFile, namespace: string, options: PluginRunOptions): Read {
  if (options.bundle) throw new UsageError('--bundle is for scripts', `copepod build makes a manifest of one`);
  if (options.name !== undefined) throw new UsageError('--name is for scripts', 'a manifest has metadata.name');
  const file = path === '-' ? 'stdin' : path;
  const { documents, skipped, problems } = loadManifests([{ file, text: await readText(path) }], { namespace });
  if (problems.length > 0) return { problems };
  const executions = documents.filter(({ object }) => object.kind === 'ScriptExecution');
  const [first, second] = executions;
  if (first === undefined || second !== undefined) {
    throw new UsageError(`${file}: holds ${executions.length} ScriptExecutions`, ONE);
  }
  const execution = first.object as ScriptExecution;
  if (options.namespace !== undefined && execution.metadata.namespace !== options.namespace) {
    throw new UsageError(
      `${file}: is for namespace "${execution.metadata.namespace}", and -n says "${options.namespace}"`,
    );
  }
  const script = scriptOf(
    { object: execution, origin: first.origin },
    { at: ['spec'], configMaps: new Map(), runtime: undefined },
  );
  const others = [
    ...documents.flatMap(({ object }) => (object === execution ? [] : [`${object.kind} ${object.metadata.name}`])),
    ...skipped.map(({ kind, name }) => `${kind} ${name}`),
  ];
  return { prepared: { execution, isNew: false, script: 'locate' in script ? script : undefined, others } };
}
