import type { JsonObject, JsonValue } from '../../../api/json.ts';
import { UniqueNames } from '../function-names.ts';
import { isObject, listOf, memberOf, objectOf, pointed, textOf } from '../json-members.ts';
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
/** The standard has them ignored: they belong to the request and not to the operation. */
const IGNORED_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization']);
const MAX_PARAMETERS = 200;
const MAX_PATH_LENGTH = 2048;

/**
 * The operations of a document, by the names of their functions. Left out are those whose body can only be sent as files or in forms of
 * several parts. Pure.
 * @param wanted whether a function is wanted, by its name
 */
export function operationsOf(document: JsonObject, wanted: (name: string) => boolean): ReadonlyMap<string, Operation> {
  const names = new UniqueNames();
  const types = new SchemaTypes();
  const operations = new Map<string, Operation>();
  let seen = 0;
  for (const [path, given] of Object.entries(objectOf(memberOf(document, 'paths')))) {
    // What does not begin with a slash would be a part of the host.
    if (!path.startsWith('/') || path.length > MAX_PATH_LENGTH) continue;
    const item = resolved(given, document);
    for (const method of METHODS) {
      const operation = memberOf(item, method);
      if (!isObject(operation)) continue;
      if (seen++ === MAX_SEEN_FUNCTIONS) return operations;
      const name = names.of(textOf(memberOf(operation, 'operationId')) || `${method}${path}`);
      if (!wanted(name)) continue;
      const read = readOperation({ document, types, path, method, item: objectOf(item), operation }, name);
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
  readonly path: string;
  readonly method: string;
  readonly item: JsonObject;
  readonly operation: JsonObject;
}

function readOperation(given: Given, name: string): Operation | undefined {
  const { document, types, path, method, item, operation } = given;
  const parameters = parametersOf(given);
  // A request of these methods has no body.
  const isBodiless = method === 'get' || method === 'head';
  const content = isBodiless ? undefined : resolved(memberOf(operation, 'requestBody'), document);
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
    const type = body.kind === 'text' ? 'string' : types.of(media?.schema, document);
    const comment = textOf(memberOf(content, 'description'));
    members.push({ name: body.key, type: type.replaceAll('\n', '\n  '), isOptional: !body.isRequired, comment });
  }
  const words = [textOf(memberOf(operation, 'summary')), textOf(memberOf(operation, 'description'))];
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
      input: members.length === 0 ? undefined : objectType(members),
      isOptional: members.every(({ isOptional }) => isOptional),
      output: outputOf(given),
    },
  };
}

interface Typed {
  readonly parameter: Parameter;
  readonly type: string;
  readonly comment: string;
}

/** Those of the operation come before those of its path. */
function parametersOf({ document, types, item, operation }: Given): readonly Typed[] {
  const found = new Map<string, Typed>();
  const keys = new Set<string>();
  const all = [operation, item].flatMap((of) => listOf(memberOf(of, 'parameters')).slice(0, MAX_PARAMETERS));
  for (const each of all) {
    const given = resolved(each, document);
    const name = textOf(memberOf(given, 'name'));
    const place = textOf(memberOf(given, 'in'));
    if (name === '' || name.length > 128 || !PLACES.has(place)) continue;
    if (place === 'header' && IGNORED_HEADERS.has(name.toLowerCase())) continue;
    const id = `${place} ${name}`;
    if (found.has(id)) continue;
    const style = textOf(memberOf(given, 'style')) || (place === 'query' || place === 'cookie' ? 'form' : 'simple');
    const explode = memberOf(given, 'explode');
    const [media] = Object.values(objectOf(memberOf(given, 'content')));
    const parameter: Parameter = {
      key: keys.has(name) ? `${place}_${name}` : name,
      name,
      in: place as Parameter['in'],
      isRequired: place === 'path' || memberOf(given, 'required') === true,
      style,
      explode: typeof explode === 'boolean' ? explode : style === 'form',
      isJson: media !== undefined,
    };
    const type = types.of(memberOf(given, 'schema') ?? memberOf(media, 'schema'), document).replaceAll('\n', '\n  ');
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
  const types = Object.keys(content)
    .filter((type) => type.length <= 128)
    .slice(0, 50);
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
function outputOf({ document, types, operation }: Given): string {
  const responses = objectOf(memberOf(operation, 'responses'));
  const status = Object.keys(responses).find((each) => /^2(\d\d|XX)$/i.test(each)) ?? 'default';
  const response = resolved(memberOf(responses, status), document);
  if (!isObject(response)) return 'any';
  const content = objectOf(memberOf(response, 'content'));
  const kinds = Object.keys(content).slice(0, 50);
  const json = kinds.find(isJson);
  if (json !== undefined) return types.of(memberOf(memberOf(content, json), 'schema'), document);
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
    textOf(memberOf(memberOf(variables, name), 'default')),
  );
}

/** What a reference leads to, one step after the other. */
function resolved(value: JsonValue | undefined, document: JsonObject): JsonValue | undefined {
  let at = value;
  for (let steps = 0; steps < 10; steps++) {
    const reference = memberOf(at, '$ref');
    if (typeof reference !== 'string' || reference.length > 1024) return at;
    at = pointed(document, reference);
  }
  return undefined;
}
