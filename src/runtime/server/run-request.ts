import type { RunRequest } from '../../api/pod-protocol.ts';
import { RefusalError } from './refusal.ts';

type Check = (value: unknown) => boolean;

const LIMITS = new Set(['memoryBytes', 'cpuTimeMs', 'timeoutMs', 'apiCalls', 'resultBytes', 'logsBytes']);

const isText: Check = (value) => typeof value === 'string';
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string);
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isLimits: Check = (value) =>
  isObject(value) &&
  Object.entries(value).every(([key, limit]) => LIMITS.has(key) && Number.isFinite(limit) && (limit as number) >= 0);

/** Every field of a request, by path. */
const FIELDS: Readonly<Record<string, Check>> = {
  source: isText,
  language: oneOf('JavaScript', 'TypeScript'),
  name: isText,
  params: (value) => value !== undefined,
  'context.tenant.id': isText,
  'context.tenant.name': isText,
  'context.user.id': isText,
  'context.user.email': isText,
  'context.user.permissions': isTexts,
  'context.execution.id': isText,
  'context.execution.type': oneOf('cron', 'http', 'one_off', 'embedded'),
  'context.execution.triggeredBy': oneOf('user', 'system', 'api'),
  'context.requestID': isText,
  tenantKey: (value) => isText(value) && value !== '',
  limits: isLimits,
};

/** Parses the body of a run's request. @throws RefusalError BadRequest, with the invalid field */
export function readRunRequest(body: Buffer): RunRequest {
  let request: unknown;
  try {
    request = JSON.parse(body.toString('utf8'));
  } catch {
    throw new RefusalError('BadRequest', 'the body is not JSON');
  }
  for (const [path, check] of Object.entries(FIELDS)) {
    if (!check(valueAt(request, path))) throw new RefusalError('BadRequest', `${path} is missing or invalid`);
  }
  return request as RunRequest;
}

function valueAt(value: unknown, path: string): unknown {
  for (const key of path.split('.')) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
