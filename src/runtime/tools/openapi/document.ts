import type { JsonObject, JsonValue } from '../../../api/json.ts';
import { MAX_JSON_DEPTH, nestsTooDeep, textNestsTooDeep, tooDeepMessage } from '../../../api/json-depth.ts';
import { readSource } from '../../../api/yaml-source.ts';
import { isObject, memberOf } from '../json-members.ts';
import { ToolError } from '../tool-error.ts';

/** Bytes of a document. */
export const MAX_DOCUMENT_BYTES = 8 << 20;
/** UTF-16 units of a document in YAML, which takes ten times as long to read: nothing else happens in this process meanwhile. */
const MAX_YAML_LENGTH = 512 << 10;

/**
 * Reads an OpenAPI document of version 3, as JSON or YAML. Nothing that it refers to is fetched. Pure.
 * @throws ToolError for any other document, with a message for its author
 */
export function readDocument(text: string): JsonObject {
  const document = parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  if (!isObject(document)) throw invalid('the document is not an OpenAPI document: it is not an object');
  const version = memberOf(document, 'openapi');
  if (memberOf(document, 'swagger') !== undefined) {
    throw invalid('the document is of Swagger 2.0: convert it to OpenAPI 3');
  }
  if (typeof version !== 'string' || !/^3\.\d+(\.\d+)?/.test(version)) {
    throw invalid('the document is not an OpenAPI document of version 3: it has no `openapi: 3.x`');
  }
  return document;
}

function parse(text: string): JsonValue | undefined {
  if (/^\s*\{/.test(text)) {
    if (textNestsTooDeep(text)) throw invalid(tooDeepMessage('the document'));
    try {
      return JSON.parse(text) as JsonValue;
    } catch (error) {
      // An object of YAML may begin with a brace, too.
      if (text.length > MAX_YAML_LENGTH) throw invalid(`the document is not JSON: ${(error as Error).message}`);
    }
  }
  if (text.length > MAX_YAML_LENGTH) {
    throw invalid(`a document in YAML may have ${MAX_YAML_LENGTH >> 10} Ki characters; in JSON it may have more`);
  }
  const { documents, problems } = readSource(text);
  const [problem] = problems;
  if (problem !== undefined) throw invalid(`line ${problem.line} of the document: ${problem.message}`);
  const value = documents[0]?.value;
  if (nestsTooDeep(value)) throw invalid(`the document nests deeper than ${MAX_JSON_DEPTH} levels`);
  return value;
}

export const invalid = (message: string): ToolError => new ToolError('InvalidAnswer', message);
