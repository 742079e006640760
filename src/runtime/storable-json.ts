import type { JsonValue } from '../api/json.ts';
import { storableText } from '../api/text.ts';

/**
 * Makes every text in a JSON value fit for the API. The JSON text it came from tells whether there is anything to do:
 * what has to go stands there as an escape, or a hostile sandbox has sent half a character.
 */
export function storableJson(value: JsonValue, json: string): JsonValue {
  return json.includes('\\u') || !json.isWellFormed() ? storable(value) : value;
}

function storable(value: JsonValue): JsonValue {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), storable(item)]));
}
