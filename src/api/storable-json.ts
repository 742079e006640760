import { copyJson } from './copy-json.ts';
import type { JsonValue } from './json.ts';
import { storableText } from './text.ts';

/**
 * JSON with every string, member names included, made storable for the API.
 *
 * @param onClash called with a name that two members of one object have once they are storable
 */
export const storableJson = (value: JsonValue, onClash?: (name: string) => void): JsonValue =>
  copyJson(value, storableText, onClash);
