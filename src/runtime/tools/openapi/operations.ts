import type { JsonObject, JsonValue } from '../../../api/json.ts';
import { UniqueNames } from '../function-names.ts';
import { isObject, listOf, memberOf, objectOf, textOf } from '../json-members.ts';
import { firstKeys, References } from '../references.ts';
import { type Member, objectType, SchemaTypes } from '../schema-types.ts';
import { MAX_FUNCTIONS, MAX_SEEN_FUNCTIONS, type ToolFunction } from '../tool-source.ts';

/** A parameter of an operation. */
export interface Parameter {
  /** Its member of the argument. */
  readonly key: string;
  /** Its name in the request. */
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly isRequired: boolean;
  readonly style: string;
  readonly explode: boolean;
  /** The value is sent as JSON text. */
  readonly isJson: boolean;
}

/** The body of an operation's request. */
export interface RequestBody {
  /** Its member of the argument. */
  readonly key: string;
  readonly isRequired: boolean;
  readonly contentType: string;
  readonly kind: 'json' | 'form' | 'text';
}

/** An operation of a document: what is needed to send its request, and how it is declared. */
export interface Operation {
  readonly method: string;
  /** With `{name}` for each parameter of the path. */
  readonly path: string;
  /** URL in front of the path; undefined: the document names none. */
  readonly server: string | undefined;
  readonly parameters: readonly Parameter[];
  readonly body: RequestBody | undefined;
  readonly function: ToolFunction;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;
const PLACES: ReadonlySet<string> = new Set(['path', 'query', 'header', 'cookie']);
/** The standard ignores them as parameters: they belong to the request and not to the operation. */
const IGNORED_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization']);
const MAX_PARAMETERS = 200;
/** Of all operations together. */
const MAX_ALL_PARAMETERS = 100_000;
const MAX_PATH_LENGTH = 2048;
/** UTF-16 units of a name of a parameter, a media type, or the default of a server's variable. */
const MAX_NAME = 128;
/** UTF-16 units of a summary or a description that are looked at: one text may be that of thousands of operations. */
const MAX_WORDS = 4096;
/** UTF-16 units of the type of an argument; a longer one is `any`. */
const MAX_INPUT_LENGTH = 64 << 10;

/**
 * The operations of a document, by the names of their functions. Left out are those whose body can only be sent as files or in forms of
 * several parts. Pure.
 * @param wanted whether a function is wanted, by its name
 */
export function operationsOf(document: JsonObject, wanted: (name: string) => boolean): ReadonlyMap<string, Operation> {
  const names = new UniqueNames();
  const types = new SchemaTypes();
  const references = new References(document);
  const operations = new Map<string, Operation>();
  let seen = 0;
  let parameters = 0;
  for (const [path, given] of Object.entries(objectOf(memberOf(document, 'paths')))) {
    // Without a slash at its start, the path would extend the host.
    if (!path.startsWith('/') || path.length > MAX_PATH_LENGTH) continue;
    const item = objectOf(references.resolved(given));
    for (const method of METHODS) {
      const operation = memberOf(item, method);
      if (!isObject(operation)) continue;
      if (seen++ === MAX_SEEN_FUNCTIONS) return operations;
      const name = names.of(textOf(memberOf(operation, 'operationId')) || `${method}${path}`);
      if (!wanted(name)) continue;
      const listed = [operation, item].flatMap((of) => listOf(memberOf(of, 'parameters')).slice(0, MAX_PARAMETERS));
      parameters += listed.length;
      if (parameters > MAX_ALL_PARAMETERS) return operations;
      const read = readOperation({ document, types, references, path, method, item, operation, listed }, name);
      if (read !== undefined) operations.set(name, read);
      if (operations.size === MAX_FUNCTIONS) return operations;
    }
  }
  return operations;
}

/** What an operation is read from. */
interface Given {
  readonly document: JsonObject;
  readonly types: SchemaTypes;
  readonly references: References;
  readonly path: string;
  readonly method: string;
  readonly item: JsonObject;
  readonly operation: JsonObject;
  /** Its parameters, and those of its path. */
  readonly listed: readonly JsonValue[];
}

function readOperation(given: Given, name: string): Operation | undefined {
  const { document, types, references, path, method, item, operation } = given;
  const parameters = parametersOf(given);
  // A request of these methods has no body.
  const isBodiless = method === 'get' || method === 'head';
  const content = isBodiless ? undefined : references.resolved(memberOf(operation, 'requestBody'));
  const media = isObject(content) ? sendable(objectOf(memberOf(content, 'content'))) : undefined;
  if (isObject(content) && media === undefined) return undefined;
  const keys = new Set(parameters.map(({ parameter }) => parameter.key));
  const body: RequestBody | undefined = media && {
    key: keys.has('body') ? 'requestBody' : 'body',
    isRequired: memberOf(content, 'required') === true,
    contentType: media.contentType,
    kind: media.kind,
  };
  const members = parameters.map(({ parameter: { key, isRequired }, type, comment }): Member => {
    return { name: key, type, isOptional: !isRequired, comment };
  });
  if (body !== undefined) {
    const type = body.kind === 'text' ? 'string' : types.of(media?.schema, references);
    const comment = textOf(memberOf(content, 'description'));
    members.push({ name: body.key, type: type.replaceAll('\n', '\n  '), isOptional: !body.isRequired, comment });
  }
  const words = ['summary', 'description'].map((key) => textOf(memberOf(operation, key)).slice(0, MAX_WORDS));
  const deprecated = memberOf(operation, 'deprecated') === true ? '@deprecated ' : '';
  return {
    method: method.toUpperCase(),
    path,
    server: serverOf(operation) ?? serverOf(item) ?? serverOf(document),
    parameters: parameters.map(({ parameter }) => parameter),
    body,
    function: {
      name,
      description: deprecated + (words.filter((text) => text !== '').join('. ') || `${method.toUpperCase()} ${path}`),
      input: members.length === 0 ? undefined : inputOf(members),
      isOptional: members.every(({ isOptional }) => isOptional),
      output: outputOf(given),
    },
  };
}

function inputOf(members: readonly Member[]): string {
  const type = objectType(members);
  return type.length > MAX_INPUT_LENGTH ? 'any' : type;
}

interface Typed {
  readonly parameter: Parameter;
  readonly type: string;
  readonly comment: string;
}

/** Parameters of an operation and of its path; the operation's override those with the same name and place. */
function parametersOf({ types, references, listed }: Given): readonly Typed[] {
  const found = new Map<string, Typed>();
  const keys = new Set<string>();
  for (const each of listed) {
    const given = references.resolved(each);
    const name = textOf(memberOf(given, 'name'));
    const place = textOf(memberOf(given, 'in'));
    if (name === '' || name.length > MAX_NAME || !PLACES.has(place)) continue;
    if (place === 'header' && IGNORED_HEADERS.has(name.toLowerCase())) continue;
    const id = `${place} ${name}`;
    if (found.has(id)) continue;
    const style = textOf(memberOf(given, 'style')) || (place === 'query' || place === 'cookie' ? 'form' : 'simple');
    const explode = memberOf(given, 'explode');
    const content = objectOf(memberOf(given, 'content'));
    const [contentType] = firstKeys(content);
    const media = contentType === undefined ? undefined : content[contentType];
    const parameter: Parameter = {
      key: keys.has(name) ? `${place}_${name}` : name,
      name,
      in: place as Parameter['in'],
      isRequired: place === 'path' || memberOf(given, 'required') === true,
      style,
      explode: typeof explode === 'boolean' ? explode : style === 'form',
      isJson: media !== undefined,
    };
    const type = types.of(memberOf(given, 'schema') ?? memberOf(media, 'schema'), references).replaceAll('\n', '\n  ');
    keys.add(parameter.key);
    found.set(id, { parameter, type, comment: textOf(memberOf(given, 'description')) });
  }
  return [...found.values()];
}

interface Media {
  readonly contentType: string;
  readonly kind: RequestBody['kind'];
  readonly schema: JsonValue | undefined;
}

const isJson = (type: string): boolean =>
  /^(application\/json|[\w.+-]+\/[\w.-]+\+json|\*\/\*|application\/\*)\s*(;|$)/i.test(type);

/** The first kind of body that a script can give, JSON before others; undefined: there is none. */
function sendable(content: JsonObject): Media | undefined {
  const types = firstKeys(content).filter((type) => type.length <= MAX_NAME);
  const schema = (type: string): JsonValue | undefined => memberOf(memberOf(content, type), 'schema');
  const json = types.find(isJson);
  if (json !== undefined) {
    return { contentType: json.includes('*') ? 'application/json' : json, kind: 'json', schema: schema(json) };
  }
  const form = types.find((type) => /^application\/x-www-form-urlencoded/i.test(type));
  if (form !== undefined) return { contentType: form, kind: 'form', schema: schema(form) };
  const text = types.find((type) => /^text\/[\w.+-]+/i.test(type) || /^application\/xml/i.test(type));
  return text === undefined ? undefined : { contentType: text, kind: 'text', schema: undefined };
}

/** The type of what is answered where all is well. */
function outputOf({ types, references, operation }: Given): string {
  const responses = objectOf(memberOf(operation, 'responses'));
  const status = firstKeys(responses).find((each) => /^2(\d\d|XX)$/i.test(each)) ?? 'default';
  const response = references.resolved(memberOf(responses, status));
  if (!isObject(response)) return 'any';
  const content = objectOf(memberOf(response, 'content'));
  const kinds = firstKeys(content);
  const json = kinds.find(isJson);
  if (json !== undefined) return types.of(memberOf(memberOf(content, json), 'schema'), references);
  if (kinds.length === 0) return status === 'default' ? 'any' : 'undefined';
  return kinds.every((kind) => /^text\//i.test(kind)) ? 'string' : 'any';
}

/** The first server, with the defaults of its variables. */
function serverOf(of: JsonObject): string | undefined {
  const [server] = listOf(memberOf(of, 'servers'));
  const url = memberOf(server, 'url');
  if (typeof url !== 'string' || url.length > MAX_PATH_LENGTH) return undefined;
  const variables = memberOf(server, 'variables');
  return url.replace(/\{([^{}]{1,128})\}/g, (_, name: string) =>
    textOf(memberOf(memberOf(variables, name), 'default')).slice(0, MAX_NAME),
  );
}
