import type { SecretAuthentication } from '../../api/endpoints/request-authentication.ts';
import { MAX_ENV_VARS } from '../../api/env.ts';
import { decodeFrame, type Frame, frameLength } from '../../api/frame.ts';
import { MAX_REQUEST_BYTES, type RunRequest, type ScriptToCompile } from '../../api/pod-protocol.ts';
import type { ServeRequest } from '../../api/serve-protocol.ts';
import { isWebRequestHead, MAX_WHOLE_BODY_BYTES, type WebRequestHead } from '../../api/web-exchange.ts';
import { isFileName } from '../wire/file-name.ts';
import { RefusalError } from './refusal.ts';

type Check = (value: unknown) => boolean;

const LIMITS = new Set(['memoryBytes', 'cpuTimeMs', 'timeoutMs', 'apiCalls', 'fetchBytes', 'resultBytes', 'logsBytes']);

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const isText: Check = (value) => typeof value === 'string';
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string);
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isTextsByName = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every(isText);
const isLimits: Check = (value) =>
  isObject(value) &&
  Object.entries(value).every(([key, limit]) => LIMITS.has(key) && Number.isFinite(limit) && (limit as number) >= 0);

const isReference = (value: unknown): boolean =>
  isObject(value) &&
  isText(value.name) &&
  isText(value.key) &&
  (value.optional === undefined || typeof value.optional === 'boolean');
const isSource = (value: unknown): boolean =>
  isObject(value) &&
  Object.keys(value).length === 1 &&
  (isReference(value.secretKeyRef) || isReference(value.configMapKeyRef));
const isVariable = (value: unknown): boolean =>
  isObject(value) &&
  isText(value.name) &&
  (value.valueFrom === undefined
    ? value.value === undefined || isText(value.value)
    : value.value === undefined && isSource(value.valueFrom));
const isEnv: Check = (value) =>
  value === undefined || (Array.isArray(value) && value.length <= MAX_ENV_VARS && value.every(isVariable));

/** Every field of a request, by path. */
const FIELDS: Readonly<Record<string, Check>> = {
  language: oneOf('JavaScript', 'TypeScript'),
  name: isText,
  params: (value) => value !== undefined,
  env: isEnv,
  'context.tenant.id': isText,
  'context.tenant.name': isText,
  'context.user.id': isText,
  'context.user.email': isText,
  'context.user.permissions': isTexts,
  'context.execution.id': isText,
  'context.execution.type': oneOf('cron', 'http', 'one_off', 'embedded'),
  'context.execution.triggeredBy': oneOf('user', 'system', 'api'),
  'context.execution.createdBy': optional(isText),
  'context.requestID': isText,
  'context.traceparent': optional(isText),
  'context.tracestate': optional(isText),
  tenantKey: (value) => isText(value) && value !== '',
  limits: isLimits,
  traceparent: optional(isText),
};

/** Parses the body of a run's request. @throws RefusalError BadRequest, with the invalid field */
export function readRunRequest(body: Buffer): RunRequest {
  return checkRunRequest(parsed(body));
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new RefusalError('BadRequest', 'the body is not JSON');
  }
}

/** Parses the frame of a request that a script is to answer. @throws RefusalError BadRequest, with the invalid field */
export function readServeRequest(frame: Buffer): ReadServeRequest {
  let decoded: Frame;
  try {
    if (frameLength(frame, FRAME_BOUNDS) !== frame.length) throw new RangeError('more than one frame');
    decoded = decodeFrame(frame);
  } catch {
    throw new RefusalError('BadRequest', 'the body is not one frame');
  }
  const { message, blob: body } = decoded;
  const run = checkRunRequest(message);
  const head = (message as Partial<ServeRequest>).request;
  if (!isWebRequestHead(head)) throw new RefusalError('BadRequest', 'request is missing or invalid');
  const { auth, module, isStreamed } = message as Partial<ServeRequest>;
  if (isStreamed !== undefined && (isStreamed !== true || body.length > 0))
    throw new RefusalError('BadRequest', 'isStreamed is invalid');
  if (module !== undefined && !isText(module)) throw new RefusalError('BadRequest', 'module is invalid');
  if (auth !== undefined && !isAuthentication(auth)) throw new RefusalError('BadRequest', 'auth is invalid');
  const { url, method, headers } = head;
  return { run, head: { url, method, headers }, body: isStreamed ? undefined : body, auth, module };
}

interface ReadServeRequest {
  readonly run: RunRequest;
  readonly head: WebRequestHead;
  /** Undefined: it is streamed. */
  readonly body: Buffer | undefined;
  readonly auth: SecretAuthentication | undefined;
  readonly module: string | undefined;
}

function isAuthentication(value: unknown): boolean {
  if (!isObject(value) || !isText(value.endpoint) || !isReference(value.secretKeyRef)) return false;
  if (value.type === 'Bearer') return isText(value.token);
  return (
    value.type === 'Webhook' &&
    ['StandardWebhooks', 'GitHub', 'Stripe'].includes(value.format as string) &&
    Number.isSafeInteger(value.toleranceSeconds) &&
    (value.toleranceSeconds as number) > 0
  );
}

/** Parses the body of a request to compile a script. @throws RefusalError BadRequest, with the invalid field */
export function readScript(body: Buffer): ScriptToCompile {
  const script = parsed(body);
  const problem = isObject(script) ? scriptProblem(script) : 'source';
  if (problem !== undefined) throw new RefusalError('BadRequest', `${problem} is missing or invalid`);
  checkFields(script, ['language', 'name']);
  return script as ScriptToCompile;
}

const FRAME_BOUNDS = { maxJsonBytes: MAX_REQUEST_BYTES, maxBlobBytes: MAX_WHOLE_BODY_BYTES };

function checkRunRequest(request: unknown): RunRequest {
  const problem = isObject(request) ? scriptProblem(request) : 'source';
  if (problem !== undefined) throw new RefusalError('BadRequest', `${problem} is missing or invalid`);
  checkFields(request, Object.keys(FIELDS));
  return request as RunRequest;
}

function checkFields(request: unknown, paths: readonly string[]): void {
  for (const path of paths) {
    if (FIELDS[path]?.(valueAt(request, path)) !== true) {
      throw new RefusalError('BadRequest', `${path} is missing or invalid`);
    }
  }
}

/** The field of a request's script that is missing or invalid. */
function scriptProblem({ source, files, imports = {}, name }: Record<string, unknown>): string | undefined {
  if (files === undefined) return isText(source) ? undefined : 'source';
  if (source !== undefined || !isTextsByName(files) || !Object.keys(files).every(isFileName)) return 'files';
  if (typeof name !== 'string' || !Object.hasOwn(files, name)) return 'name';
  const isMap = isTextsByName(imports) && Object.values(imports).every((file) => Object.hasOwn(files, file));
  return isMap ? undefined : 'imports';
}

function valueAt(value: unknown, path: string): unknown {
  for (const key of path.split('.')) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
