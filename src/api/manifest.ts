import { type ConfigMap, checkConfigMap } from './config-map.ts';
import { CORE_KINDS } from './core-kinds.ts';
import { API_VERSION, KINDS, type Kind } from './crd.ts';
import { type FieldError, fieldError } from './field-path.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { isList, listItems } from './list.ts';
import type { ObjectMeta } from './object-meta.ts';
import { type ManifestProblem, Origin } from './origin.ts';
import { checkSchedule } from './schedule/check-schedule.ts';
import { describe, typeName } from './schema.ts';
import { checkSecret, type Secret } from './secret.ts';
import { nearest } from './suggest.ts';
import type { ScriptEndpoint, ScriptExecution, ScriptRuntime, ScriptSchedule } from './types.generated.ts';
import { validateObject } from './validate.ts';
import { readSource } from './yaml-source.ts';

/** A file to read, or what came from standard input. */
export interface ManifestInput {
  /** Name that problems give it. */
  readonly file: string;
  readonly text: string;
}

/** An object of a manifest. It has its defaults and a namespace. */
export type ManifestObject = ScriptRuntime | ScriptExecution | ScriptSchedule | ScriptEndpoint | ConfigMap | Secret;

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
  /** What is valid, and hardly what its author means. */
  readonly warnings: readonly ManifestProblem[];
}

/** 64-bit numbers are kept by the API server; the script sees the nearest number of JavaScript. */
export const INEXACT = {
  message: 'has more digits than a number keeps in JavaScript: the script sees another one',
  hint: 'write it in quotes',
};

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
  const warnings: ManifestProblem[] = [];
  const namespace = options.namespace ?? 'default';

  for (const { file, text } of inputs) {
    const source = readSource(text);
    for (const problem of source.problems) problems.push({ file, path: '', ...problem });
    for (const { document, value, source: node, inexact } of source.documents) {
      const origin = new Origin(file, document, node, source.lines);
      // kubectl passes over documents that are null.
      if (value !== null) load(value, origin);
      warnings.push(...inexact.map((offset) => origin.problemAt(offset, INEXACT)));
    }
  }
  problems.push(...duplicates(documents));
  if (documents.length + skipped.length + problems.length === 0) problems.push(...inputs.map(emptyProblem));
  return { documents, skipped, problems: inReadingOrder(problems, inputs), warnings };

  function load(value: JsonValue, origin: Origin): void {
    const fail = (...errors: readonly FieldError[]) => problems.push(...errors.map((error) => origin.problem(error)));
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      const hint = typeof value === 'string' ? 'a script is a file of its own: .js, .mjs, .ts or .mts' : undefined;
      fail(fieldError([], `must be a Kubernetes object, not ${typeName(value)}`, hint));
      return;
    }
    const { apiVersion, kind } = value;
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
      fail(...missingIdentity(value));
    } else if (isList(value)) {
      const { items, errors } = listItems(value);
      fail(...errors);
      for (const [index, item] of items.entries()) load(item, origin.item(index));
    } else if (KINDS.includes(kind as Kind) && looksLikeOurs(apiVersion)) {
      const validated = validateObject(kind as Kind, value);
      const errors = validated.ok && validated.object.kind === 'ScriptSchedule' ? checkSchedule(validated.object) : [];
      keep(errors.length > 0 ? { ok: false, errors } : validated, origin, fail);
    } else if (kind === 'ConfigMap' && apiVersion === 'v1') {
      keep(checkConfigMap(value), origin, fail);
    } else if (kind === 'Secret' && apiVersion === 'v1') {
      keep(checkSecret(value), origin, fail);
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
    documents.push({ object: { ...object, metadata: filledMetadata(object.metadata, namespace) }, origin });
  }
}

/** kubectl refuses files that hold nothing, all together. */
function emptyProblem({ file }: ManifestInput): ManifestProblem {
  return { file, document: 1, path: '', line: 1, column: 1, message: 'holds no objects' };
}

/** What the API server makes of metadata: nulls are left out, or empty where they are the text of a label. */
function filledMetadata(metadata: ObjectMeta, namespace: string): ObjectMeta {
  const given = Object.entries(metadata).filter(([, value]) => value !== null);
  const filled = given.map(([field, value]) => {
    if (field !== 'labels' && field !== 'annotations') return [field, value];
    return [field, Object.fromEntries(Object.entries(value as object).map(([key, text]) => [key, text ?? '']))];
  });
  return { ...Object.fromEntries(filled), namespace: metadata.namespace || namespace } as ObjectMeta;
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
  if (apiVersion === 'v1' && !CORE_KINDS.includes(kind)) {
    const near = nearest(kind, CORE_KINDS);
    return fieldError(['kind'], `v1 has no kind ${kind}`, near === undefined ? undefined : `did you mean ${near}?`);
  }
  // Other groups have kinds called Secret.
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
