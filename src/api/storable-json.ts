import { copyJson } from './copy-json.ts';
import type { JsonValue } from './json.ts';
import { storableText } from './text.ts';

/** JSON with every string, member names included, made storable for the API. */
export const storableJson = (value: JsonValue): JsonValue => copyJson(value, storableText);
