import { quantityNanos } from '../../api/quantity.ts';
import type { JsonPatchOperation } from '../../kube/client-options.ts';

/**
 * Whether an object has every desired field with its value. Additional fields are ignored, except in lists, which are
 * compared as a whole. A desired empty field may be absent, and quantities in `resources` may be written differently,
 * as by the API server. Pure.
 */
export function covers(actual: unknown, wanted: unknown, isQuantity = false): boolean {
  if (wanted === null || typeof wanted !== 'object') return isSame(actual, wanted, isQuantity);
  if (Array.isArray(wanted)) {
    if (wanted.length === 0) return actual === undefined || (Array.isArray(actual) && actual.length === 0);
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((item, index) => covers(actual[index], item, isQuantity))
    );
  }
  const fields = Object.entries(wanted);
  if (actual === undefined) return fields.length === 0;
  if (actual === null || typeof actual !== 'object' || Array.isArray(actual)) return false;
  return fields.every(([name, value]) => {
    const given = (actual as Record<string, unknown>)[name];
    const isLeftOut = value === false && given === undefined && LEFT_OUT_WHEN_FALSE.has(name);
    return isLeftOut || covers(given, value, isQuantity || name === 'resources');
  });
}

/** For other fields, absent may mean true: `automountServiceAccountToken`, `allowPrivilegeEscalation`. */
const LEFT_OUT_WHEN_FALSE: ReadonlySet<string> = new Set(['hostNetwork', 'hostPID', 'hostIPC']);

/**
 * The JSON Patch (RFC 6902) that makes an object cover the desired fields where server-side apply does not: it keeps
 * list items of other managers. Pure.
 */
export function mending(actual: unknown, wanted: unknown, path = ''): JsonPatchOperation[] {
  if (wanted === null || typeof wanted !== 'object' || covers(actual, wanted)) return [];
  if (Array.isArray(wanted)) return [{ op: 'replace', path, value: wanted }];
  if (actual === null || typeof actual !== 'object') return [];
  return Object.entries(wanted).flatMap(([name, value]) =>
    mending(
      (actual as Record<string, unknown>)[name],
      value,
      `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    ),
  );
}

/**
 * Paths of the desired fields that an object lacks or has with another value: `spec.replicas`,
 * `metadata.labels["copepod.dev/runtime"]`. Empty if it covers them. Pure.
 */
export function differences(actual: unknown, wanted: unknown, path = '', isQuantity = false): string[] {
  if (covers(actual, wanted, isQuantity)) return [];
  if (!isObject(actual) || !isObject(wanted)) return [path];
  return Object.entries(wanted).flatMap(([name, value]) => {
    if (value === false && actual[name] === undefined && LEFT_OUT_WHEN_FALSE.has(name)) return [];
    const step = /^\w+$/.test(name) ? (path === '' ? name : `.${name}`) : `[${JSON.stringify(name)}]`;
    return differences(actual[name], value, `${path}${step}`, isQuantity || name === 'resources');
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** `1000m` is returned as `1`, `1024Mi` as `1Gi`, and an empty text as absent. */
function isSame(actual: unknown, wanted: unknown, isQuantity: boolean): boolean {
  if (actual === wanted || (wanted === '' && actual === undefined)) return true;
  if (!isQuantity || actual === undefined) return false;
  const [one, other] = [quantityNanos(String(actual)), quantityNanos(String(wanted))];
  return one !== undefined && one === other;
}
