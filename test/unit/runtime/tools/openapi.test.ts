import { describe, expect, test } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../../../src/api/json.ts';
import { readDocument } from '../../../../src/runtime/tools/openapi/document.ts';
import { type Operation, operationsOf } from '../../../../src/runtime/tools/openapi/operations.ts';
import { requestOf } from '../../../../src/runtime/tools/openapi/request.ts';

const documentOf = (paths: JsonValue, more: JsonObject = {}): JsonObject => ({ openapi: '3.1.0', paths, ...more });
const all = (): boolean => true;
const operation = (given: JsonObject, path = '/a', method = 'get', more: JsonObject = {}): Operation =>
  [...operationsOf(documentOf({ [path]: { [method]: given } }, more), all).values()][0] as Operation;
const parameter = (name: string, place: string, more: JsonObject = {}): JsonObject => ({ name, in: place, ...more });

describe('a document', () => {
  test.each<[string, string, RegExp]>([
    ['of Swagger 2.0', '{"swagger":"2.0"}', /Swagger 2.0: convert it/],
    ['without a version', '{"paths":{}}', /no `openapi: 3.x`/],
    ['that is a list', '[1]', /not an object/],
    ['that is empty', '', /not an object/],
    ['that is no YAML', 'a: [', /line \d+ of the document/],
    ['that nests too deep', `{"openapi":"3.0.0","a":${'['.repeat(200)}${']'.repeat(200)}}`, /nests deeper than 100/],
    ['in YAML that nests too deep', `openapi: 3.0.0\na: ${'['.repeat(200)}${']'.repeat(200)}`, /deeper/],
    ['that is not JSON, and long', `{"openapi":"3.0.0",${' '.repeat(3 << 20)}`, /is not JSON/],
    ['in YAML that is too long', `openapi: 3.0.0\n${'#'.repeat(3 << 20)}`, /in YAML may have 512 Ki/],
  ])('%s is refused', (_, text, message) => {
    expect(() => readDocument(text)).toThrow(message);
  });

  test.each(['{"openapi":"3.0.3"}', 'openapi: 3.0.3', '{ openapi: 3.0.3 }', '\ufeff{"openapi":"3.0.3"}'])(
    '%j is read',
    (text) => {
      expect(readDocument(text)).toEqual({ openapi: '3.0.3' });
    },
  );
});

describe('the operations of a document', () => {
  test('have names of their own, or of method and path', () => {
    const document = documentOf({
      '/pets/{id}': { get: { operationId: 'pets/get' }, delete: {} },
      '/pets': { post: { operationId: 'pets/get' }, trace: {}, parameters: [] },
      'evil.example/x': { get: {} },
    });
    expect([...operationsOf(document, all).keys()]).toEqual(['pets_get', 'delete_pets_id', 'pets_get_2']);
    expect([...operationsOf(document, (name) => name.startsWith('delete')).keys()]).toEqual(['delete_pets_id']);
  });

  test('have the parameters of their path too, and references are followed', () => {
    const document = documentOf(
      {
        '/a/{id}': {
          parameters: [{ $ref: '#/components/parameters/Id' }, parameter('q', 'query', { schema: { type: 'string' } })],
          get: { parameters: [parameter('q', 'query', { schema: { type: 'number' }, required: true })] },
        },
      },
      { components: { parameters: { Id: parameter('id', 'path', { schema: { type: 'integer' } }) } } },
    );
    expect(operationsOf(document, all).get('get_a_id')?.function.input).toBe('{\n  q: number;\n  id: number;\n}');
  });

  test('that take files or forms of several parts are left out', () => {
    const paths = {
      '/a': { post: { requestBody: { content: { 'multipart/form-data': {} } } } },
      '/b': { post: { requestBody: { content: { 'multipart/form-data': {}, 'application/json': {} } } } },
      '/c': { put: { requestBody: { content: { 'application/octet-stream': {} } } } },
    };
    expect([...operationsOf(documentOf(paths), all).keys()]).toEqual(['post_b']);
  });

  test('give what is answered where all is well', () => {
    const json = (schema: JsonObject): JsonObject => ({ content: { 'application/json': { schema } } });
    expect(
      operation({ responses: { 404: json({ type: 'null' }), 200: json({ type: 'string' }) } }).function.output,
    ).toBe('string');
    expect(operation({ responses: { 204: {} } }).function.output).toBe('undefined');
    expect(operation({ responses: { default: json({ type: 'number' }) } }).function.output).toBe('number');
    expect(operation({}).function.output).toBe('any');
    expect(operation({ responses: { 200: { content: { 'text/csv': {} } } } }).function.output).toBe('string');
  });

  test('have the server nearest to them, with the defaults of its variables', () => {
    const servers = [{ url: 'https://{region}.example.com/{none}', variables: { region: { default: 'eu' } } }];
    expect(operation({}, '/a', 'get', { servers }).server).toBe('https://eu.example.com/');
    expect(operation({ servers: [{ url: '/own' }] }, '/a', 'get', { servers }).server).toBe('/own');
  });

  test('are five hundred at most', () => {
    const paths = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`/p${index}`, { get: {} }]));
    expect(operationsOf(documentOf(paths), all).size).toBe(500);
  });

  // Without bounds, each of these takes minutes.
  test('of parameters that lead through many deep references are read soon', () => {
    const deep = '/a'.repeat(90);
    let target: JsonObject = parameter('p', 'query');
    for (let level = 0; level < 90; level++) target = { a: target };
    const chain = Object.fromEntries(
      Array.from({ length: 400 * 9 }, (_, i) => [`c${i}`, { $ref: i % 9 === 8 ? `#/z${deep}` : `#/z/c${i + 1}` }]),
    );
    const parameters = Array.from({ length: 400 }, (_, i) => ({ $ref: `#/z/c${i * 9}` }));
    const item = {
      get: { parameters, requestBody: { content: {} } },
      post: { parameters, requestBody: { content: {} } },
    };
    const paths = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`/p${i}`, { $ref: '#/item' }]));
    const operations = operationsOf(documentOf(paths, { z: { ...target, ...chain }, item }), all);
    expect([...operations.values()].every(({ parameters }) => parameters.length <= 1)).toBe(true);
  });

  test('that share an object of very many keys are read soon', () => {
    const many = Object.fromEntries(Array.from({ length: 400_000 }, (_, i) => [`k${i}`, {}]));
    const shared = parameter('p', 'query', { content: many });
    const item = {
      get: { parameters: [{ $ref: '#/shared' }], responses: many },
      put: { requestBody: { content: many } },
    };
    const paths = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`/p${i}`, { $ref: '#/item' }]));
    expect(operationsOf(documentOf(paths, { item, shared }), all).size).toBe(500);
  });

  test('have words, servers and types of bounded length', () => {
    const long = 'x'.repeat(1 << 20);
    const found = operation({ description: long }, '/a', 'get', {
      servers: [{ url: 'https://{a}.example', variables: { a: { default: long } } }],
    });
    expect(found.function.description.length).toBeLessThan(5000);
    expect(found.server?.length).toBeLessThan(300);
  });

  test('of a hostile document are what they can be', () => {
    for (const paths of [
      null,
      1,
      [],
      { '/a': null },
      { '/a': { get: 1 } },
      { '/a': { $ref: '#/paths/~1a' } },
      { '/a': { $ref: '#' } },
    ]) {
      expect(operationsOf(documentOf(paths as JsonValue), all).size).toBe(0);
    }
    const strange = {
      get: { operationId: {}, parameters: [null, 1, { in: 'x' }, parameter('', 'query')], responses: 7 },
    };
    expect([...operationsOf(documentOf({ '/a': strange }), all).keys()]).toEqual(['get_a']);
  });
});

describe('the request of an operation', () => {
  const BASE = 'https://api.example.com/v1/';
  const urlOf = (given: JsonObject, value: JsonValue, place = 'query'): string => {
    const parameters = [parameter('p', place, given)];
    return requestOf(operation({ parameters }, place === 'path' ? '/a/{p}' : '/a'), BASE, { p: value }).url;
  };

  test.each<[string, JsonObject, JsonValue, string]>([
    ['text', {}, 'a b&c', '?p=a%20b%26c'],
    ['a number', {}, 1.5, '?p=1.5'],
    ['a list', {}, ['a', 'b'], '?p=a&p=b'],
    ['a list without explode', { explode: false }, ['a', 'b,c'], '?p=a,b%2Cc'],
    ['a list with pipes', { style: 'pipeDelimited', explode: false }, [1, 2], '?p=1%7C2'],
    ['a list with spaces', { style: 'spaceDelimited', explode: false }, [1, 2], '?p=1%202'],
    ['an empty list', {}, [], ''],
    ['an object', {}, { x: 1, y: 'z' }, '?x=1&y=z'],
    ['an object without explode', { explode: false }, { x: 1 }, '?p=x,1'],
    ['a deep object', { style: 'deepObject' }, { x: 1 }, '?p%5Bx%5D=1'],
    ['JSON', { content: { 'application/json': {} } }, { x: [1] }, '?p=%7B%22x%22%3A%5B1%5D%7D'],
    ['null', {}, null, ''],
  ])('has %s in the query', (_, given, value, query) => {
    expect(urlOf(given, value)).toBe(`https://api.example.com/v1/a${query}`);
  });

  test.each<[JsonValue, string]>([
    ['a/b', 'a%2Fb'],
    [7, '7'],
    [['a', 'b'], 'a,b'],
    [{ x: 1 }, 'x,1'],
    ['..%2f', '..%252f'],
    ["it's (1)", 'it%27s%20%281%29'],
  ])('has %j in the path as %s', (value, segment) => {
    expect(urlOf({}, value, 'path')).toBe(`https://api.example.com/v1/a/${segment}`);
  });

  test.each<[string, JsonValue | undefined, RegExp]>([
    ['a missing parameter', {}, /'p' is missing/],
    ['no argument', undefined, /'p' is missing/],
    ['an empty segment', { p: '' }, /'p' is empty/],
    ['a segment that climbs', { p: '..' }, /must not be \. or \.\./],
    ['a segment that stays', { p: '.' }, /must not be/],
    ['half a character', { p: '\ud800' }, /half a character/],
    ['an unknown parameter', { p: 1, q: 2 }, /no parameter 'q': there are p/],
    ['a text', 'x', /must be an object: there are p/],
  ])('refuses %s', (_, input, message) => {
    const it = operation({ parameters: [parameter('p', 'path')] }, '/a/{p}');
    expect(() => requestOf(it, BASE, input)).toThrow(message);
    expect(() => requestOf(it, BASE, input)).toThrow(expect.objectContaining({ code: 'InvalidArguments' }));
  });

  test.each<[string, string, JsonObject, JsonValue]>([
    ['a list', 'query', {}, new Array(240_000).fill(7)],
    ['a list in one part', 'query', { explode: false }, new Array(240_000).fill(7)],
    ['an object', 'query', { style: 'deepObject' }, Object.fromEntries(new Array(60_000).fill(7).entries())],
    ['a text of many escapes', 'query', {}, '服'.repeat(150_000)],
    ['a text of the path', 'path', {}, 'x'.repeat(500_000)],
    ['JSON', 'query', { content: { 'application/json': {} } }, ['x'.repeat(500_000)]],
  ])('refuses %s that makes the URL too long', (_, place, given, value) => {
    expect(() => urlOf(given, value, place)).toThrow('the URL would have more than 16384 characters');
  });

  test('refuses a URL that the document makes long by repeating a parameter, and does not write it', () => {
    const it = operation({ parameters: [parameter('a', 'path')] }, '/{a}'.repeat(500));
    expect(requestOf(it, BASE, { a: 'x' }).url).toHaveLength(BASE.length - 1 + 1000);
    expect(() => requestOf(it, BASE, { a: 'x'.repeat(500_000) })).toThrow(
      expect.objectContaining({ code: 'InvalidArguments', message: 'the URL would have more than 16384 characters' }),
    );
  });

  test('has headers and cookies, and none that belong to the request', () => {
    const parameters = [
      parameter('X-Key', 'header'),
      parameter('Authorization', 'header'),
      parameter('c', 'cookie'),
      parameter('d', 'cookie'),
    ];
    const it = operation({ parameters });
    expect(requestOf(it, BASE, { 'X-Key': 'k', c: 'a;b', d: 1 }).headers).toEqual([
      ['x-key', 'k'],
      ['cookie', 'c=a%3Bb; d=1'],
      ['accept', 'application/json, */*;q=0.5'],
    ]);
    expect(() => requestOf(it, BASE, { 'X-Key': 'a\r\nb' })).toThrow(/characters that a header cannot have/);
    expect(() => requestOf(it, BASE, { Authorization: 'x' })).toThrow(/no parameter/);
  });

  test.each<[string, JsonValue, string]>([
    ['application/json', { a: 1 }, '{"a":1}'],
    ['application/merge-patch+json', [1], '[1]'],
    ['application/x-www-form-urlencoded', { a: 'b c', d: [1, 2] }, 'a=b+c&d=1&d=2'],
    ['text/csv', 'a,b', 'a,b'],
  ])('has a body of %s', (contentType, value, body) => {
    const it = operation({ requestBody: { required: true, content: { [contentType]: {} } } }, '/a', 'post');
    const request = requestOf(it, BASE, { body: value });
    expect(request).toMatchObject({ method: 'POST', body });
    expect(request.headers).toContainEqual(['content-type', contentType]);
    expect(() => requestOf(it, BASE, {})).toThrow(/'body' is missing/);
  });

  test('tells parameters of one name apart', () => {
    const parameters = [parameter('id', 'path'), parameter('id', 'query'), parameter('body', 'query')];
    const requestBody = { content: { 'application/json': {} } };
    const it = operation({ parameters, requestBody }, '/a/{id}', 'post');
    const request = requestOf(it, BASE, { id: 1, query_id: 2, body: 3, requestBody: 4 });
    expect(request).toMatchObject({ url: 'https://api.example.com/v1/a/1?id=2&body=3', body: '4' });
  });
});
