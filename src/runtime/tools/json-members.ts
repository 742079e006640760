import type { JsonObject, JsonValue } from '../../api/json.ts';

/** Reads JSON of others: members are own ones alone, whatever their names are. */
export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
export const listOf = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : []);
export const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

export const memberOf = (value: JsonValue | undefined, key: string): JsonValue | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
