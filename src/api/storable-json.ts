import { copyJson } from './copy-json.ts';
import type { JsonValue } from './json.ts';
import { storableText } from './text.ts';

/** JSON with every string, names of members among them, fit for the API. */
export const storableJson = (value: JsonValue): JsonValue => copyJson(value, storableText);
