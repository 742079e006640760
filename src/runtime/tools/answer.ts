import type { JsonValue } from '../../api/json.ts';
import { textNestsTooDeep, tooDeepMessage } from '../../api/json-depth.ts';
import { commentText } from './comment-text.ts';
import { ToolError } from './tool-error.ts';

/** Characters of a failed request's answer in the message of the error. */
const MAX_QUOTED = 500;
/** UTF-16 units of such an answer in `error.data`. */
const MAX_FAILED_BODY = 64 << 10;

/**
 * What an HTTP response gives a script: JSON, text, or other bytes as `{ mimeType, data }` with base64; undefined without a body.
 * @throws HostError for a status that is not 2xx, with the status and the body; FetchError
 */
export async function answerOf(response: Response): Promise<JsonValue | undefined> {
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.ok) return contentOf(bytes, response.headers);
  const { status } = response;
  const text = bytes.toString('utf8').slice(0, MAX_FAILED_BODY);
  const said = commentText(text, MAX_QUOTED);
  let body: JsonValue | undefined = text;
  try {
    body = bytes.length > MAX_FAILED_BODY ? text : contentOf(bytes, response.headers);
  } catch {
    // The text is enough.
  }
  const message = `the server answered with status ${status}${said === '' ? '' : `: ${said}`}`;
  throw new ToolError('HTTPError', message, { status, ...(body === undefined ? {} : { body }) });
}

function contentOf(bytes: Buffer, headers: Headers): JsonValue | undefined {
  if (bytes.length === 0) return undefined;
  const mimeType = (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (/^application\/json$|\+json$/.test(mimeType)) return jsonOf(bytes.toString('utf8'));
  if (/^text\/|\bxml$|^application\/(javascript|yaml|x-www-form-urlencoded)$/.test(mimeType))
    return bytes.toString('utf8');
  return { mimeType, data: bytes.toString('base64') };
}

/** @throws HostError */
function jsonOf(text: string): JsonValue {
  if (textNestsTooDeep(text)) throw invalid(tooDeepMessage('the answer'));
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw invalid('the answer is not the JSON that its Content-Type says');
  }
}

const invalid = (message: string): ToolError => new ToolError('InvalidAnswer', message);
