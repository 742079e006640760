import type { ConfigMap } from '../../api/config-map.ts';
import { defaultRuntime } from '../../api/defaults.ts';
import {
  loadManifests,
  type ManifestDocument,
  type ManifestInput,
  type Manifests,
  type SkippedDocument,
} from '../../api/manifest.ts';
import type { ManifestProblem } from '../../api/origin.ts';
import type { ScriptExecution, ScriptRuntime } from '../../api/types.generated.ts';
import { bareExecution } from './bare-script.ts';
import type { InputFile } from './find-files.ts';
import { readText } from './read-text.ts';
import { type ConfigMaps, configMapKey, fileScript, type ScriptText, scriptOf } from './script-text.ts';

/** An execution with all it takes to run it. */
export interface Task {
  readonly execution: ScriptExecution;
  readonly script: ScriptText;
  readonly runtime: ScriptRuntime;
  /** No ScriptRuntime of that name was given: the defaults serve. */
  readonly implicitRuntime: boolean;
}

/** What the files hold. */
export interface Workload {
  /** In the order of the files. Where there are problems, those that have them are missing. */
  readonly tasks: readonly Task[];
  readonly skipped: readonly SkippedDocument[];
  readonly problems: readonly ManifestProblem[];
  /** How many there are of each kind. */
  readonly counts: { readonly files: number; readonly ScriptRuntime: number; readonly ConfigMap: number };
}

/**
 * Reads and checks files.
 *
 * @throws UsageError where one cannot be read
 */
export async function loadWorkload(files: readonly InputFile[], namespace: string): Promise<Workload> {
  const texts = await Promise.all(files.map(({ path }) => readText(path)));
  const inputs = files.map((file, index) => ({ ...file, file: shown(file.path), text: texts[index] ?? '' }));
  const manifests = loadManifests(
    inputs.filter(({ kind }) => kind === 'manifest'),
    { namespace },
  );
  const runtimes = new Map<string, ScriptRuntime>();
  const configMaps = new Map<string, ManifestDocument<ConfigMap>>();
  const executions: ManifestDocument<ScriptExecution>[] = [];
  for (const document of manifests.documents) {
    const { object } = document;
    if (object.kind === 'ScriptRuntime')
      runtimes.set(runtimeKey(object.metadata.namespace, object.metadata.name), object);
    else if (object.kind === 'ConfigMap') {
      const { namespace: of, name } = object.metadata;
      configMaps.set(configMapKey(of, name), document as ManifestDocument<ConfigMap>);
    } else executions.push(document as ManifestDocument<ScriptExecution>);
  }

  const problems = [...manifests.problems];
  const scripts = [
    ...resolveManifests(executions, configMaps, problems),
    ...resolveBare(inputs, namespace, executions, problems),
  ];
  const order = new Map(inputs.map(({ file }, index) => [file, index]));
  scripts.sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0));
  const tasks = scripts.map(({ execution, script }) => {
    const { name } = execution.spec.runtimeRef;
    const runtime = runtimes.get(runtimeKey(execution.metadata.namespace, name));
    return {
      execution,
      script,
      runtime: runtime ?? defaultRuntime(name, execution.metadata.namespace),
      implicitRuntime: runtime === undefined,
    };
  });
  const counts = { files: files.length, ScriptRuntime: runtimes.size, ConfigMap: configMaps.size };
  return { tasks, skipped: manifests.skipped, problems, counts };
}

interface Resolved {
  readonly file: string;
  readonly execution: ScriptExecution;
  readonly script: ScriptText;
}

function resolveManifests(
  executions: Manifests['documents'],
  configMaps: ConfigMaps,
  problems: ManifestProblem[],
): Resolved[] {
  return executions.flatMap((document) => {
    const execution = document.object as ScriptExecution;
    const script = scriptOf(document as ManifestDocument<ScriptExecution>, configMaps);
    if ('locate' in script) return [{ file: document.origin.file, execution, script }];
    problems.push(script);
    return [];
  });
}

function resolveBare(
  inputs: readonly (ManifestInput & InputFile)[],
  namespace: string,
  executions: Manifests['documents'],
  problems: ManifestProblem[],
): Resolved[] {
  const taken = new Set(
    executions
      .filter(({ object }) => object.metadata.namespace === namespace)
      .map(({ object }) => object.metadata.name),
  );
  return inputs
    .filter(({ kind }) => kind === 'script')
    .flatMap(({ file, text, linked }) => {
      const result = bareExecution(file, text, namespace, taken);
      if ('execution' in result) return [{ file, execution: result.execution, script: fileScript(file, text, linked) }];
      problems.push(...result.problems);
      return [];
    });
}

/** One engine serves all executions of one of these. */
export const runtimeKey = (namespace: string, name: string): string => `${namespace}/${name}`;

const shown = (path: string): string => (path === '-' ? 'stdin' : path);
