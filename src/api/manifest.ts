import { type ConfigMap, checkConfigMap } from './config-map.ts';
import { API_VERSION, KINDS, type Kind } from './crd.ts';
import { type FieldError, fieldError } from './field-path.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { type ManifestProblem, Origin } from './origin.ts';
import { checkSchedule } from './schedule/check-schedule.ts';
import { describe, typeName } from './schema.ts';
import { nearest } from './suggest.ts';
import type { ScriptExecution, ScriptRuntime, ScriptSchedule } from './types.generated.ts';
import { validateObject } from './validate.ts';
import { readSource } from './yaml-source.ts';

/** A file to read, or what came from standard input. */
export interface ManifestInput {
  /** Name that problems give it. */
  readonly file: string;
  readonly text: string;
}

/** An object of a manifest. It has its defaults and a namespace. */
export type ManifestObject = ScriptRuntime | ScriptExecution | ScriptSchedule | ConfigMap;

/** An object with the place that it came from. */
export interface ManifestDocument<T extends ManifestObject = ManifestObject> {
  readonly object: T;
  readonly origin: Origin;
}

/** A document that is for somebody else. */
export interface SkippedDocument {
  readonly origin: Origin;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** What manifests hold. Where there are problems, `documents` lacks the objects that have them. */
export interface Manifests {
  readonly documents: readonly ManifestDocument[];
  readonly skipped: readonly SkippedDocument[];
  readonly problems: readonly ManifestProblem[];
}

/**
 * Reads manifests, checks every object in them as an API server would, and fills in defaults.
 *
 * @param options.namespace namespace of the objects that name none; `default` where left out
 */
export function loadManifests(
  inputs: readonly ManifestInput[],
  options: { readonly namespace?: string } = {},
): Manifests {
  const documents: ManifestDocument[] = [];
  const skipped: SkippedDocument[] = [];
  const problems: ManifestProblem[] = [];
  const namespace = options.namespace ?? 'default';

  for (const { file, text } of inputs) {
    const source = readSource(text);
    for (const problem of source.problems) problems.push({ file, path: '', ...problem });
    for (const { document, value, source: node } of source.documents) {
      load(value, new Origin(file, document, node, source.lines));
    }
  }
  problems.push(...duplicates(documents));
  return { documents, skipped, problems: inReadingOrder(problems, inputs) };

  function load(value: JsonValue, origin: Origin): void {
    const fail = (...errors: readonly FieldError[]) => problems.push(...errors.map((error) => origin.problem(error)));
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      fail(fieldError([], `must be a Kubernetes object, not ${typeName(value)}`));
      return;
    }
    const { apiVersion, kind, items } = value;
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
      fail(...missingIdentity(value));
    } else if (kind.endsWith('List') && Array.isArray(items)) {
      for (const [index, item] of items.entries()) load(item, origin.item(index));
    } else if (KINDS.includes(kind as Kind) && looksLikeOurs(apiVersion)) {
      const validated = validateObject(kind as Kind, value);
      const errors = validated.ok && validated.object.kind === 'ScriptSchedule' ? checkSchedule(validated.object) : [];
      keep(errors.length > 0 ? { ok: false, errors } : validated, origin, fail);
    } else if (kind === 'ConfigMap' && apiVersion === 'v1') {
      keep(checkConfigMap(value), origin, fail);
    } else {
      const error = wrongIdentity(apiVersion, kind);
      if (error !== undefined) fail(error);
      else skipped.push({ origin, apiVersion, kind, name: nameOf(value) });
    }
  }

  function keep(
    result: { ok: true; object: ManifestObject } | { ok: false; errors: readonly FieldError[] },
    origin: Origin,
    fail: (...errors: readonly FieldError[]) => void,
  ): void {
    if (!result.ok) {
      fail(...result.errors);
      return;
    }
    const { object } = result;
    const metadata = { ...object.metadata, namespace: object.metadata.namespace || namespace };
    documents.push({ object: { ...object, metadata }, origin });
  }
}

function inReadingOrder(problems: readonly ManifestProblem[], inputs: readonly ManifestInput[]): ManifestProblem[] {
  const order = new Map(inputs.map(({ file }, index) => [file, index]));
  const place = ({ file }: ManifestProblem) => order.get(file) ?? 0;
  return problems.toSorted((a, b) => place(a) - place(b) || a.line - b.line || a.column - b.column);
}

function missingIdentity(value: JsonObject): FieldError[] {
  return ['apiVersion', 'kind'].flatMap((field) => {
    const given = value[field];
    if (typeof given === 'string') return [];
    const hint = field === 'kind' ? 'write kind: ScriptExecution' : `write apiVersion: ${API_VERSION}`;
    const message = given === undefined ? 'is required' : `must be a string, not ${describe(given)}`;
    return [fieldError([field], message, hint)];
  });
}

/** A mistake in apiVersion or kind that would make one of our objects somebody else's. */
function wrongIdentity(apiVersion: string, kind: string): FieldError | undefined {
  const [group = '', version] = apiVersion.split('/');
  const ours = group === 'copepod.dev' || (version !== undefined && nearest(group, ['copepod.dev']) !== undefined);
  if (ours) {
    const near = nearest(kind, KINDS);
    const hint = near === undefined ? `write one of: ${KINDS.join(', ')}` : `did you mean ${near}?`;
    return fieldError(['kind'], `copepod.dev has no kind ${kind}`, hint);
  }
  if (KINDS.includes(kind as Kind)) {
    return fieldError(['apiVersion'], `${apiVersion} has no kind ${kind}`, `write apiVersion: ${API_VERSION}`);
  }
  if (kind === 'ConfigMap')
    return fieldError(['apiVersion'], `${apiVersion} has no kind ConfigMap`, 'write apiVersion: v1');
  return undefined;
}

function looksLikeOurs(apiVersion: string): boolean {
  return apiVersion.startsWith('copepod.dev/');
}

function nameOf(value: JsonObject): string {
  const { metadata } = value;
  const name =
    metadata !== null && typeof metadata === 'object' && !Array.isArray(metadata) ? metadata?.name : undefined;
  return typeof name === 'string' ? name : '';
}

/** Objects that are there twice: kubectl would apply one over the other. */
function duplicates(documents: readonly ManifestDocument[]): ManifestProblem[] {
  const problems: ManifestProblem[] = [];
  const first = new Map<string, Origin>();
  for (const { object, origin } of documents) {
    const { name, namespace } = object.metadata;
    const key = JSON.stringify([object.kind, namespace, name]);
    const before = first.get(key);
    if (before === undefined) first.set(key, origin);
    else {
      const { line, column } = before.position(['metadata', 'name']);
      const where = `${before.file}:${line}:${column} (document ${before.document})`;
      const message = `${object.kind} ${namespace}/${name} is there twice: also at ${where}`;
      problems.push(origin.problem(fieldError(['metadata', 'name'], message, 'give one of them another name')));
    }
  }
  return problems;
}
