import type { JsonObject, JsonValue } from '../../../api/json.ts';
import { isHeaderName, isHeaderValue } from '../../egress/headers.ts';
import { MAX_URL_LENGTH } from '../../wire/fetch-step.ts';
import { isObject } from '../json-members.ts';
import { ToolError } from '../tool-error.ts';
import type { Operation, Parameter, RequestBody } from './operations.ts';

/** A request of an operation. */
export interface OperationRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly [string, string][];
  readonly body: string | undefined;
}

/**
 * The request of an operation with an argument, serialised as the OpenAPI Specification says (style and explode). Pure.
 * @param base URL in front of the path
 * @throws ToolError with what the argument lacks, or has too much
 */
export function requestOf(operation: Operation, base: string, input: JsonValue | undefined): OperationRequest {
  const given = argumentOf(operation, input);
  const values = operation.parameters.flatMap((parameter): Given[] => {
    const value = Object.hasOwn(given, parameter.key) ? given[parameter.key] : undefined;
    if (value !== undefined && value !== null) return [{ parameter, value }];
    if (parameter.isRequired) throw unfit(`'${parameter.key}' is missing`);
    return [];
  });
  const at = (place: Parameter['in']): Given[] => values.filter(({ parameter }) => parameter.in === place);
  const query = queryOf(at('query'));
  const url = base.replace(/\/+$/, '') + pathOf(operation, at('path')) + (query === '' ? '' : `?${query}`);
  assertShort(url.length);
  const headers = at('header').map(headerOf);
  const cookies = at('cookie').map(({ parameter, value }) => `${parameter.name}=${encoded(plain(value))}`);
  if (cookies.length > 0) headers.push(['cookie', cookies.join('; ')]);
  headers.push(['accept', 'application/json, */*;q=0.5']);
  const body = operation.body && bodyOf(operation.body, given);
  if (body !== undefined) headers.push(['content-type', (operation.body as RequestBody).contentType]);
  const wrong = headers.find(([name, value]) => !isHeaderName(name) || !isHeaderValue(value));
  if (wrong !== undefined) throw unfit(`'${wrong[0]}' holds characters that a header cannot have`);
  return { url, method: operation.method, headers, body };
}

interface Given {
  readonly parameter: Parameter;
  readonly value: JsonValue;
}

function argumentOf({ parameters, body }: Operation, input: JsonValue | undefined): JsonObject {
  if (input === undefined || input === null) return {};
  const keys = [...parameters.map(({ key }) => key), ...(body === undefined ? [] : [body.key])];
  const there = keys.length === 0 ? 'it takes nothing' : `there are ${keys.slice(0, 30).join(', ')}`;
  if (!isObject(input)) throw unfit(`the argument must be an object: ${there}`);
  const unknown = Object.keys(input).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw unfit(`there is no parameter '${unknown.slice(0, 100)}': ${there}`);
  return input;
}

function pathOf({ path }: Operation, values: readonly Given[]): string {
  let length = 0;
  const filled = path.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const given = values.find(({ parameter }) => parameter.name === name);
    if (given === undefined) return encoded(whole);
    const { parameter, value } = given;
    const text = parameter.isJson ? encoded(JSON.stringify(value)) : simple(value, parameter.explode);
    // Without the segment, or with . or .., the URL is that of another operation.
    if (text === '') throw unfit(`'${parameter.key}' is empty`);
    // A path may have a parameter in hundreds of places.
    length += text.length;
    assertShort(length);
    return text;
  });
  if (filled.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment))) {
    throw unfit('a parameter of the path must not be . or ..');
  }
  return filled;
}

/** Style `simple`, of paths and headers. */
function simple(value: JsonValue, explode: boolean, encode = encoded): string {
  if (Array.isArray(value)) return value.map((each) => encode(plain(each))).join(',');
  if (!isObject(value)) return encode(plain(value));
  return Object.entries(value)
    .map(([key, each]) => `${encode(key)}${explode ? '=' : ','}${encode(plain(each))}`)
    .join(',');
}

const SEPARATORS: ReadonlyMap<string, string> = new Map([
  ['spaceDelimited', '%20'],
  ['pipeDelimited', '%7C'],
]);

function queryOf(values: readonly Given[]): string {
  const parts: string[] = [];
  let length = 0;
  for (const value of values) {
    for (const part of queryParts(value)) {
      length += part.length + 1;
      assertShort(length);
      parts.push(part);
    }
  }
  return parts.join('&');
}

/** One part after the other: a long list with a long name would be hundreds of times as long as the argument. */
function* queryParts({ parameter: { name, style, explode, isJson }, value }: Given): Generator<string> {
  const key = encoded(name);
  if (isJson) yield `${key}=${encoded(JSON.stringify(value))}`;
  else if (Array.isArray(value)) {
    if (explode) for (const each of value) yield `${key}=${encoded(plain(each))}`;
    else if (value.length > 0) {
      yield `${key}=${value.map((each) => encoded(plain(each))).join(SEPARATORS.get(style) ?? ',')}`;
    }
  } else if (!isObject(value)) yield `${key}=${encoded(plain(value))}`;
  else if (style === 'deepObject' || explode) {
    for (const [member, each] of Object.entries(value)) {
      const within = style === 'deepObject' ? `${key}%5B${encoded(member)}%5D` : encoded(member);
      yield `${within}=${encoded(plain(each))}`;
    }
  } else {
    const members = Object.entries(value).flatMap(([member, each]) => [encoded(member), encoded(plain(each))]);
    if (members.length > 0) yield `${key}=${members.join(',')}`;
  }
}

function headerOf({ parameter: { name, explode, isJson }, value }: Given): [string, string] {
  return [name.toLowerCase(), isJson ? JSON.stringify(value) : simple(value, explode, (text) => text)];
}

function bodyOf({ key, isRequired, kind }: RequestBody, given: JsonObject): string | undefined {
  const value = Object.hasOwn(given, key) ? given[key] : undefined;
  if (value === undefined) {
    if (isRequired) throw unfit(`'${key}' is missing`);
    return undefined;
  }
  if (kind === 'json') return JSON.stringify(value);
  if (kind === 'text') {
    if (typeof value !== 'string') throw unfit(`'${key}' must be a string`);
    return value;
  }
  if (!isObject(value)) throw unfit(`'${key}' must be an object`);
  const form = new URLSearchParams();
  for (const [name, each] of Object.entries(value)) {
    for (const item of Array.isArray(each) ? each : [each]) form.append(name, plain(item));
  }
  return form.toString();
}

/** A value in a URL, a header or a form: what is no text is JSON. */
const plain = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** As RFC 3986 has it: also what `encodeURIComponent` leaves. @throws ToolError for half a character */
function encoded(text: string): string {
  if (!text.isWellFormed()) throw unfit('a text holds half a character');
  return encodeURIComponent(text).replace(/[!'()*]/g, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`);
}

const unfit = (message: string): ToolError => new ToolError('InvalidArguments', message);

/** @throws ToolError for a URL that `fetch` would not send either */
function assertShort(length: number): void {
  if (length > MAX_URL_LENGTH) throw unfit(`the URL would have more than ${MAX_URL_LENGTH} characters`);
}
