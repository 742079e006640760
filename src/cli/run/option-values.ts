import { API_VERSION } from '../../api/crd.ts';
import { type FieldError, fieldError } from '../../api/field-path.ts';
import type { JsonObject, JsonValue } from '../../api/json.ts';
import { nestsTooDeep, tooDeepMessage } from '../../api/json-depth.ts';
import { JsonSyntaxError, readJson, skipSpace } from '../../api/json-source.ts';
import type { ManifestProblem } from '../../api/origin.ts';
import { setOwn } from '../../api/set-own.ts';
import { UsageError } from '../../api/usage-error.ts';
import { validateObject } from '../../api/validate.ts';
import { YamlProblem } from '../../api/yaml/problem.ts';
import type { FileDocument } from '../input/read-document.ts';

/** What options set in every execution. */
export interface Overrides {
  /** Laid over `spec.params`. */
  readonly params: JsonValue | undefined;
  /** Laid over `params`, key by key. */
  readonly paramKeys: JsonObject;
  /** Laid over `spec.env`, name by name. */
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** Laid over `spec.context`. */
  readonly context: JsonObject | undefined;
  readonly limits: { readonly timeout?: string; readonly memory?: string };
}

export interface OverrideOptions {
  readonly param?: readonly string[];
  readonly env?: readonly string[];
  readonly paramsFile?: string;
  readonly contextFile?: string;
  readonly timeout?: string;
  readonly memory?: string;
}

/**
 * Reads the options that change executions.
 *
 * @throws UsageError for an option that cannot be read
 */
export async function readOverrides(options: OverrideOptions): Promise<{
  overrides: Overrides;
  problems: readonly ManifestProblem[];
  warnings: readonly ManifestProblem[];
}> {
  const { timeout, memory, paramsFile, contextFile } = options;
  const limits = { ...(timeout === undefined ? {} : { timeout }), ...(memory === undefined ? {} : { memory }) };
  if (Object.keys(limits).length > 0) checkLimits(limits);
  const paramKeys = paramsOf(options.param ?? []);
  const params = await documentOf(paramsFile);
  const context = await documentOf(contextFile);
  const problems = [...(params?.problems ?? []), ...(context?.problems ?? [])];
  if (context !== undefined && context.problems.length === 0) problems.push(...contextProblems(context));
  const overrides = {
    params: params?.value,
    paramKeys,
    env: variablesOf(options.env ?? []),
    context: (context?.value ?? undefined) as JsonObject | undefined,
    limits,
  };
  return { overrides, problems, warnings: [...(params?.warnings ?? []), ...(context?.warnings ?? [])] };
}

async function documentOf(path: string | undefined): Promise<FileDocument | undefined> {
  if (path === undefined) return undefined;
  const { readDocument } = await import('../input/read-document.ts');
  return await readDocument(path);
}

/** `k=v` pairs as an object. A value that is JSON is that, any other a string. */
export function paramsOf(pairs: readonly string[]): JsonObject {
  const params: JsonObject = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new UsageError(`--param ${pair}: is no key=value`, 'write it like --param who=world');
    const [key, text] = [pair.slice(0, equals), pair.slice(equals + 1)];
    setOwn(params, key, jsonOrText(key, text));
  }
  return params;
}

/** `NAME=value` pairs as variables; of one name the last counts. */
function variablesOf(pairs: readonly string[]): Overrides['env'] {
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals));
    // The value may be a secret: it is not shown.
    if (equals < 1) throw new UsageError('--env: is no NAME=value', 'write it like --env REGION=eu');
    values.set(name, pair.slice(equals + 1));
  }
  const env = [...values].map(([name, value]) => ({ name, value }));
  for (const { parts, message, hint } of env.length === 0 ? [] : errorsOf({ source: '0', env })) {
    const name = env[Number(parts[2])]?.name ?? '';
    throw new UsageError(`--env ${name}: ${message}`, hint);
  }
  return env;
}

function jsonOrText(key: string, text: string): JsonValue {
  const refuse = (message: string, hint?: string) => {
    throw new UsageError(`--param ${key}: ${message}`, hint);
  };
  const findings = {
    problem: (message: string, _: number, hint: string) => refuse(message, hint),
    inexact: (offset: number) => {
      const [digits] = /^-?\d+/.exec(text.slice(offset)) ?? [];
      const hint = digits === text ? `quote it: '${key}="${text}"'` : `write it in quotes: "${digits}"`;
      refuse('the number has more digits than JavaScript keeps', hint);
    },
  };
  try {
    const { value, end } = readJson(text, 0, findings);
    if (skipSpace(text, end) < text.length) return text;
    if (nestsTooDeep(value)) refuse(tooDeepMessage('its value'));
    return value;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return text;
    if (error instanceof YamlProblem) return refuse(tooDeepMessage('its value'));
    throw error;
  }
}

function contextProblems({ value, origin }: FileDocument): ManifestProblem[] {
  return errorsOf({ source: '0', context: value }).map((error) => {
    const { message, hint } = error;
    return origin.problem(fieldError(error.parts.slice(2), message, hint?.replaceAll('spec.context.', '')));
  });
}

/** @throws UsageError for a limit that no execution can have */
export function checkLimits(limits: Overrides['limits']): void {
  for (const error of errorsOf({ source: '0', limits })) {
    const name = String(error.parts.at(-1)) as keyof Overrides['limits'];
    throw new UsageError(`--${name} ${limits[name]}: ${error.message}`, error.hint);
  }
}

function errorsOf(spec: JsonObject): readonly FieldError[] {
  const object = { apiVersion: API_VERSION, kind: 'ScriptExecution', metadata: { name: 'options' }, spec };
  const validated = validateObject('ScriptExecution', object);
  return validated.ok ? [] : validated.errors;
}
