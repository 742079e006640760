import type { ConfigMap } from '../../api/config-map.ts';
import { defaultRuntime } from '../../api/defaults.ts';
import { endpointExecution } from '../../api/endpoints/endpoint-execution.ts';
import type { FieldPath } from '../../api/field-path.ts';
import type { ManifestDocument, ManifestInput, Manifests, SkippedDocument } from '../../api/manifest.ts';
import type { ManifestProblem, Origin } from '../../api/origin.ts';
import { executionAt } from '../../api/schedule/started-execution.ts';
import type { Secret } from '../../api/secret.ts';
import type { ScriptExecution, ScriptRuntime, ScriptSchedule } from '../../api/types.generated.ts';
import { manifestValues } from '../../runtime/env/manifest-values.ts';
import type { GivenValues } from '../../runtime/env/value-source.ts';
import { bareExecution } from './bare-script.ts';
import type { InputFile } from './find-files.ts';
import { readText } from './read-text.ts';
import { type ConfigMaps, configMapKey, fileScript, importProblems, type ScriptText, scriptOf } from './script-text.ts';

/** An execution with all it takes to run it. */
export interface Task {
  readonly execution: ScriptExecution;
  readonly script: ScriptText;
  readonly runtime: ScriptRuntime;
  /** No ScriptRuntime of that name was given: the defaults serve. */
  readonly implicitRuntime: boolean;
  /** The Secrets and ConfigMaps of its namespace in the files. */
  readonly values: GivenValues;
  /** Where the execution is written, and its spec in there; undefined for a script without a manifest. */
  readonly place?: TaskPlace | undefined;
}

export interface TaskPlace {
  readonly origin: Origin;
  /** Path of the execution's spec in its document. */
  readonly spec: FieldPath;
}

/** What the files hold. */
export interface Workload {
  /** In the order of the files. Where there are problems, those that have them are missing. */
  readonly tasks: readonly Task[];
  readonly skipped: readonly SkippedDocument[];
  readonly problems: readonly ManifestProblem[];
  readonly runtimes: readonly ManifestDocument<ScriptRuntime>[];
  /** What the files can hold, and what their author hardly means. */
  readonly warnings: readonly ManifestProblem[];
  /** How many there are of each kind. */
  readonly counts: Readonly<Record<'files' | 'ScriptExecution' | 'ScriptRuntime' | 'ConfigMap' | 'Secret', number>>;
  readonly schedules: readonly ManifestDocument<ScriptSchedule>[];
  /** The scripts of endpoints, as if each had a request: they are checked, and not run. */
  readonly endpoints: readonly Task[];
}

/**
 * Reads and checks files. A schedule gives the execution that it would start at a time.
 *
 * @param atMs that time, in milliseconds since the epoch
 * @param onImport called with the path of each file on disk that a script imports, when it does
 * @throws UsageError where one cannot be read
 */
export async function loadWorkload(
  files: readonly InputFile[],
  namespace: string,
  atMs: number,
  onImport: (path: string) => void = () => {},
): Promise<Workload> {
  const texts = await Promise.all(files.map(({ path }) => readText(path)));
  const inputs = files.map((file, index) => ({ ...file, file: shown(file.path), text: texts[index] ?? '' }));
  const manifests = await manifestsOf(
    inputs.filter(({ kind }) => kind === 'manifest'),
    namespace,
  );
  const runtimes: Runtimes = new Map();
  const configMaps = new Map<string, ManifestDocument<ConfigMap>>();
  const secrets: ManifestDocument<Secret>[] = [];
  const executions: ToRun[] = [];
  const schedules: ManifestDocument<ScriptSchedule>[] = [];
  const endpoints: ToRun[] = [];
  for (const document of manifests.documents) {
    const { object } = document;
    if (object.kind === 'ScriptRuntime')
      runtimes.set(
        runtimeKey(object.metadata.namespace, object.metadata.name),
        document as ManifestDocument<ScriptRuntime>,
      );
    else if (object.kind === 'ConfigMap') {
      const { namespace: of, name } = object.metadata;
      configMaps.set(configMapKey(of, name), document as ManifestDocument<ConfigMap>);
    } else if (object.kind === 'Secret') secrets.push(document as ManifestDocument<Secret>);
    else if (object.kind === 'ScriptSchedule') {
      schedules.push(document as ManifestDocument<ScriptSchedule>);
      executions.push({ document: { ...document, object: onceAt(object, atMs) }, spec: TEMPLATE_SPEC });
    } else if (object.kind === 'ScriptEndpoint') {
      endpoints.push({ document: { ...document, object: endpointExecution(object) }, spec: ['spec'] });
    } else executions.push({ document: document as ManifestDocument<ScriptExecution>, spec: ['spec'] });
  }

  const problems = [...manifests.problems];
  const incomplete = new Set<ScriptRuntime>();
  for (const runtime of runtimes.values()) {
    const missing = importProblems(runtime, configMaps);
    problems.push(...missing);
    if (missing.length > 0) incomplete.add(runtime.object);
  }
  const given = { configMaps, runtimes, onImport };
  const scripts = [
    ...resolveManifests(executions, given, problems),
    ...resolveBare(inputs, namespace, executions, given, problems),
  ];
  const order = new Map(inputs.map(({ file }, index) => [file, index]));
  scripts.sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0));
  const namespaces = new Map<string, GivenValues>();
  const valuesOf = (of: string): GivenValues => {
    const values =
      namespaces.get(of) ??
      manifestValues(
        of,
        [...secrets, ...configMaps.values()].map(({ object }) => object),
      );
    namespaces.set(of, values);
    return values;
  };
  const taskOf = ({ execution, script, place }: Resolved): Task[] => {
    const { name } = execution.spec.runtimeRef;
    const runtime = runtimeOf(execution, runtimes)?.object;
    if (runtime !== undefined && incomplete.has(runtime)) return [];
    return [
      {
        execution,
        script,
        place,
        runtime: runtime ?? defaultRuntime(name, execution.metadata.namespace),
        implicitRuntime: runtime === undefined,
        values: valuesOf(execution.metadata.namespace),
      },
    ];
  };
  const tasks = scripts.flatMap(taskOf);
  const served = resolveManifests(endpoints, given, problems).flatMap(taskOf);
  const counts = {
    files: files.length,
    ScriptExecution: tasks.length - executions.filter(({ spec }) => spec === TEMPLATE_SPEC).length,
    ScriptRuntime: runtimes.size,
    ConfigMap: configMaps.size,
    Secret: secrets.length,
  };
  const { skipped, warnings } = manifests;
  return {
    tasks,
    skipped,
    problems,
    warnings,
    counts,
    schedules,
    endpoints: served,
    runtimes: [...runtimes.values()],
  };
}

/** What reads YAML and evaluates rules is loaded where there is a manifest. */
async function manifestsOf(inputs: readonly ManifestInput[], namespace: string): Promise<Manifests> {
  if (inputs.length === 0) return { documents: [], skipped: [], problems: [], warnings: [] };
  const { loadManifests } = await import('../../api/manifest.ts');
  return loadManifests(inputs, { namespace });
}

/** An execution, and where its spec is in the document that it comes from. */
interface ToRun {
  readonly document: ManifestDocument<ScriptExecution>;
  readonly spec: FieldPath;
}

const TEMPLATE_SPEC = ['spec', 'executionTemplate', 'spec'];

function onceAt(schedule: ScriptSchedule, atMs: number): ScriptExecution {
  const { apiVersion, kind, metadata, spec } = executionAt(schedule, atMs);
  return { apiVersion, kind, metadata, spec, status: {} };
}

interface Resolved {
  readonly file: string;
  readonly execution: ScriptExecution;
  readonly script: ScriptText;
  readonly place?: TaskPlace;
}

function resolveManifests(
  executions: readonly ToRun[],
  { configMaps, runtimes }: Given,
  problems: ManifestProblem[],
): Resolved[] {
  return executions.flatMap(({ document, spec }) => {
    const runtime = runtimeOf(document.object, runtimes);
    const script = scriptOf(document, { at: spec, configMaps, runtime });
    if ('locate' in script)
      return [
        { file: document.origin.file, execution: document.object, script, place: { origin: document.origin, spec } },
      ];
    problems.push(script);
    return [];
  });
}

function resolveBare(
  inputs: readonly (ManifestInput & InputFile)[],
  namespace: string,
  executions: readonly ToRun[],
  { configMaps, runtimes, onImport }: Given,
  problems: ManifestProblem[],
): Resolved[] {
  const taken = new Set(
    executions
      .filter(({ document }) => document.object.metadata.namespace === namespace)
      .map(({ document }) => document.object.metadata.name),
  );
  return inputs
    .filter(({ kind }) => kind === 'script')
    .flatMap(({ file, text, linked }) => {
      const result = bareExecution(file, text, namespace, taken);
      if ('execution' in result) {
        const { execution } = result;
        const around = { execution, runtime: runtimeOf(execution, runtimes), configMaps, onImport };
        return [{ file, execution, script: fileScript(file, text, linked, around) }];
      }
      problems.push(...result.problems);
      return [];
    });
}

/** ScriptRuntimes of the manifests, by namespace and name. */
type Runtimes = Map<string, ManifestDocument<ScriptRuntime>>;

/** What executions may refer to. */
interface Given {
  readonly configMaps: ConfigMaps;
  readonly runtimes: Runtimes;
  readonly onImport: (path: string) => void;
}

const runtimeOf = (
  { metadata, spec }: ScriptExecution,
  runtimes: Runtimes,
): ManifestDocument<ScriptRuntime> | undefined => runtimes.get(runtimeKey(metadata.namespace, spec.runtimeRef.name));

/** One engine serves all executions of one of these. */
export const runtimeKey = (namespace: string, name: string): string => `${namespace}/${name}`;

const shown = (path: string): string => (path === '-' ? 'stdin' : path);
