import type { Schema } from './crd.ts';
import { type FieldError, type FieldPath, fieldError, formatPath } from './field-path.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { nearest } from './suggest.ts';

/** Answers for fields that users expect: better than the most similar name. */
const ANSWERS: Readonly<Record<string, string>> = {
  'spec.context.execution.id': "leave it out: the id is always the object's uid",
};

/**
 * Reports fields that a schema does not define, like the strict validation of `kubectl apply`.
 *
 * @param root the kind's whole schema, to find fields that are misplaced
 * @param at path of the value in its object
 */
export function unknownFields(root: Schema, value: JsonValue, at: FieldPath = []): FieldError[] {
  const errors: FieldError[] = [];
  visitUnknown(root, value, at, ({ schema, path }) => {
    errors.push(fieldError(path, 'unknown field', hintFor(root, schema, path)));
  });
  return errors;
}

/**
 * Leaves out the fields that a schema does not define, as an API server of that schema does: an object of a later version has them.
 *
 * @returns a copy, and the paths of what is left out
 */
export function withoutUnknownFields<T extends JsonValue>(root: Schema, value: T): { value: T; removed: string[] } {
  const copy = structuredClone(value);
  const removed: string[] = [];
  visitUnknown(root, copy, [], ({ node, key, path }) => {
    delete node[key];
    removed.push(formatPath(path));
  });
  return { value: copy, removed };
}

interface Unknown {
  /** The object that has the field, and its schema. */
  readonly node: JsonObject;
  readonly schema: Schema;
  readonly key: string;
  readonly path: FieldPath;
}

function visitUnknown(root: Schema, value: JsonValue, at: FieldPath, found: (unknown: Unknown) => void): void {
  visit(root, value, at);

  function visit(schema: Schema, node: JsonValue, path: FieldPath): void {
    if (node === null || typeof node !== 'object') return;
    if (Array.isArray(node)) {
      const { items } = schema;
      if (items !== undefined) for (const [index, item] of node.entries()) visit(items, item, [...path, index]);
      return;
    }
    // Kubernetes' own metadata is checked by metadata.ts.
    if (path !== at && path.length === 1 && path[0] === 'metadata') return;
    for (const [key, member] of Object.entries(node)) {
      const { properties, additionalProperties } = schema;
      const known = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
      const memberPath = [...path, key];
      if (known !== undefined) visit(known, member, memberPath);
      else if (schema.type === 'object' && schema['x-kubernetes-preserve-unknown-fields'] !== true) {
        found({ node, schema, key, path: memberPath });
      }
    }
  }
}

function hintFor(root: Schema, schema: Schema, path: FieldPath): string {
  const field = formatPath(path);
  const answer = Object.hasOwn(ANSWERS, field) ? ANSWERS[field] : undefined;
  if (answer !== undefined) return answer;
  const key = String(path.at(-1));
  const siblings = Object.keys(schema.properties ?? {});
  const near = nearest(key, siblings);
  if (near !== undefined) return `did you mean ${formatPath([...path.slice(0, -1), near])}?`;
  const elsewhere = findField(root.properties?.spec, ['spec'], key);
  if (elsewhere !== undefined) return `did you mean ${formatPath(elsewhere)}?`;
  const parent = formatPath(path.slice(0, -1));
  return `${parent === '' ? 'the object' : parent} can have: ${siblings.join(', ')}`;
}

/** Finds a field of this name anywhere below, nearest to the root first. */
function findField(start: Schema | undefined, startPath: FieldPath, name: string): FieldPath | undefined {
  let level: [Schema | undefined, FieldPath][] = [[start, startPath]];
  while (level.length > 0) {
    const next: typeof level = [];
    for (const [schema, path] of level) {
      for (const [key, child] of Object.entries(schema?.properties ?? {})) {
        if (key === name) return [...path, key];
        next.push([child, [...path, key]]);
      }
    }
    level = next;
  }
  return undefined;
}
