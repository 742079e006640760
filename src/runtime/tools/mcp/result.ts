import type { JsonObject, JsonValue } from '../../../api/json.ts';
import { textNestsTooDeep } from '../../../api/json-depth.ts';
import { commentText } from '../comment-text.ts';
import { isObject, listOf, memberOf, textOf } from '../json-members.ts';
import { ToolError } from '../tool-error.ts';

/** Characters of what a failed tool says in the message of the error; the rest is in its data. */
const MAX_SAID = 1000;

/**
 * What the result of a tool gives a script, as other programs that let code call tools have it: its structured content; else its text,
 * parsed where it is JSON; else, where there is more than text, the list of its content. Pure.
 * @throws ToolError where the result says that the tool has failed
 */
export function valueOfResult(result: JsonObject): JsonValue | undefined {
  const content = listOf(memberOf(result, 'content'));
  const texts = content
    .filter((each) => isObject(each) && each.type === 'text')
    .map((each) => textOf(memberOf(each, 'text')));
  if (memberOf(result, 'isError') === true) {
    throw new ToolError('ToolError', commentText(texts.join(' '), MAX_SAID) || 'the tool failed', content as JsonValue);
  }
  const structured = memberOf(result, 'structuredContent');
  if (structured !== undefined && structured !== null) return structured;
  if (content.length === 0) return undefined;
  return texts.length === content.length ? parsed(texts.join('\n')) : (content as JsonValue);
}

function parsed(text: string): JsonValue {
  if (textNestsTooDeep(text)) return text;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
