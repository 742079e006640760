import { type FieldError, type FieldPath, fieldError } from './field-path.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { isQualifiedName, isTime } from './kubernetes-names.ts';
import { quote } from './schema.ts';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** What is wrong with what `metadata` says of others: owners, finalizers and who manages which field. */
export function checkReferences(metadata: JsonObject): FieldError[] {
  return [
    ...checkFinalizers(listOf(metadata.finalizers)),
    ...checkOwners(listOf(metadata.ownerReferences)),
    ...listOf(metadata.managedFields).flatMap((entry, index) => checkManagedFields(asObject(entry), index)),
  ];
}

function checkFinalizers(finalizers: readonly JsonValue[]): FieldError[] {
  const path = ['metadata', 'finalizers'];
  const errors = finalizers.flatMap((finalizer, index) => {
    const name = textOf(finalizer);
    if (isQualifiedName(name)) return [];
    return [fieldError([...path, index], `${quote(name)} is not a finalizer`, 'write one like example.com/cleanup')];
  });
  if (finalizers.includes(ORPHAN) && finalizers.includes(FOREGROUND)) {
    errors.push(fieldError(path, `${ORPHAN} and ${FOREGROUND} cannot both be set`, 'leave one of them out'));
  }
  return errors;
}

function checkOwners(owners: readonly JsonValue[]): FieldError[] {
  const path = ['metadata', 'ownerReferences'];
  const errors = owners.flatMap((owner, index) => checkOwner(asObject(owner), [...path, index]));
  // Of references to one object the API server keeps the first.
  const isFirst = ({ uid }: JsonObject, index: number) =>
    owners.findIndex((other) => asObject(other).uid === uid) === index;
  const controllers = owners.flatMap((owner, index) => {
    return asObject(owner).controller === true && isFirst(asObject(owner), index) ? [index] : [];
  });
  const second = controllers[1];
  if (second !== undefined) {
    errors.push(fieldError([...path, second, 'controller'], 'only one owner can be the controller'));
  }
  return errors;
}

function checkOwner(owner: JsonObject, path: FieldPath): FieldError[] {
  const errors = ['kind', 'name', 'uid']
    .filter((field) => textOf(owner[field]) === '')
    .map((field) => fieldError([...path, field], 'is required'));
  const parts = textOf(owner.apiVersion).split('/');
  const [group = '', version = ''] = parts.length === 2 ? parts : parts.length === 1 ? ['', ...parts] : [];
  if (version === '') errors.push(fieldError([...path, 'apiVersion'], 'is no version', 'write one like v1 or apps/v1'));
  if (group === '' && version === 'v1' && owner.kind === 'Event') {
    errors.push(fieldError([...path, 'kind'], 'an Event cannot be an owner'));
  }
  return errors;
}

/** Only types and times count here: what an object is applied with is replaced by the API server's own list. */
function checkManagedFields({ time }: JsonObject, index: number): FieldError[] {
  if (typeof time !== 'string' || isTime(time)) return [];
  const hint = 'leave managedFields out: the API server keeps it';
  return [fieldError(['metadata', 'managedFields', index, 'time'], `${quote(time)} is not a time`, hint)];
}

const listOf = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : []);
const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

function asObject(value: JsonValue): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}
