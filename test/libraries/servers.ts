import { createHash, createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type LocalServer, localServer, type Seen } from '../egress/support/server.ts';

/** A server that speaks the parts of the three APIs which the scripts use. */
export function apiServer(): Promise<LocalServer> {
  const turns = { busy: 0 };
  return localServer((seen, response) => {
    if (seen.url.startsWith('/v1/')) openai(seen, response, turns);
    else if (seen.headers.authorization?.startsWith('AWS4-')) s3(seen, response);
    else github(seen, response);
  });
}

function json(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(value));
}

const WORDS = ['Three', ' eu', 'ros — ', 'für Tee', '.'];

function openai({ url, body, headers }: Seen, response: ServerResponse, turns: { busy: number }): unknown {
  const path = url.slice('/v1'.length);
  if (headers.authorization !== 'Bearer key-of-the-test') return json(response, 401, { error: { message: 'no key' } });
  if (path === '/models') return json(response, 200, { object: 'list', data: [{ id: 'small' }, { id: 'large' }] });
  if (path === '/files') return json(response, 200, formParts(body));
  const { model, stream, messages } = JSON.parse(Buffer.from(body, 'latin1').toString()) as Record<string, unknown>;
  if (path === '/embeddings') {
    const data = [{ embedding: Buffer.from(new Float32Array([0.5, -1.25]).buffer).toString('base64') }];
    return json(response, 200, { data }, { 'x-request-id': 'request-1' });
  }
  if (model === 'late') return undefined; // no answer: the client's time-out ends it
  if (model === 'refused') return json(response, 400, { error: { message: 'no such model', code: 'model_not_found' } });
  if (model === 'busy' && turns.busy++ % 2 === 0) return json(response, 429, {}, { 'retry-after-ms': '1' });
  if (stream) return streamed(response);
  const content = `${WORDS.join('')} ${JSON.stringify(messages)}`;
  return json(response, 200, { choices: [{ index: 0, message: { role: 'assistant', content } }] });
}

/** Server-sent events, cut in the middle of lines and of characters. */
function streamed(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const chunk = (choice: object): string =>
    `data: ${JSON.stringify({ id: '1', choices: [{ index: 0, ...choice }] })}\n\n`;
  const chunks = WORDS.map((content) => chunk({ delta: { content, role: 'assistant' } }));
  const text = [...chunks, chunk({ delta: {}, finish_reason: 'stop' }), 'data: [DONE]\n\n'].join('');
  const bytes = Buffer.from(text);
  const send = (from: number): void => {
    if (from >= bytes.length) return void response.end();
    response.write(bytes.subarray(from, from + 37), () => setImmediate(send, from + 37));
  };
  send(0);
}

/** The parts of a form, without the boundary, which differs each time. */
function formParts(body: string): unknown {
  const boundary = body.slice(0, body.indexOf('\r\n'));
  return { id: 'file-1', parts: body.split(boundary).slice(1, -1).sort() };
}

function github({ url, method, body, headers }: Seen, response: ServerResponse): unknown {
  const { authorization, accept } = headers;
  if (method === 'DELETE') return response.writeHead(204).end();
  if (url === '/raw') return response.writeHead(200, { 'content-type': 'text/plain' }).end(`raw ${accept}`);
  if (url === '/bytes') {
    return response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(Buffer.from([0, 255, 128]));
  }
  if (url.startsWith('/gone/')) return json(response, 404, { message: 'Not Found', errors: [{ path: url }] });
  const sent = body === '' ? null : JSON.parse(Buffer.from(body, 'latin1').toString());
  return json(response, method === 'POST' ? 201 : 200, { url, authorization, sent }, { location: `${url}/7` });
}

const stored = `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>false</IsTruncated><Contents>
<Key>a b/ü &amp; ö.json</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>"abc"</ETag><Size>7</Size></Contents>
<Contents><Key>a b/z.json</Key><Size>0</Size></Contents></ListBucketResult>`;

/** Answers what is signed right, and refuses the rest, as S3 does. */
function s3(seen: Seen, response: ServerResponse): void {
  const xml = { 'content-type': 'application/xml' };
  if (!isSignedRight(seen)) {
    response.writeHead(403, xml).end('<Error><Code>SignatureDoesNotMatch</Code><Message>wrong</Message></Error>');
  } else if (seen.url.includes('list-type=2')) {
    response.writeHead(200, xml).end(stored);
  } else if (seen.url.startsWith('/orders/none')) {
    response.writeHead(404, xml).end('<Error><Code>NoSuchKey</Code><Message>There is none.</Message></Error>');
  } else if (seen.method === 'PUT') {
    response.writeHead(200, { etag: '"abc"' }).end();
  } else {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': '7',
      'x-amz-meta-by': String(seen.headers['x-amz-meta-by'] ?? 'test'),
      etag: '"abc"',
    });
    response.end(seen.method === 'HEAD' ? undefined : '{"a":1}');
  }
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');

/** Signature Version 4, by the steps of "Create a signed AWS API request" in the AWS IAM User Guide. */
function isSignedRight({ url, method, headers, body }: Seen): boolean {
  const [, scope = '', names = '', signature] =
    /Credential=AKIDEXAMPLE\/(\S+), SignedHeaders=(\S+), Signature=(\S+)/.exec(headers.authorization ?? '') ?? [];
  const [path = '', query = ''] = url.split('?');
  const payload = String(headers['x-amz-content-sha256']);
  if (payload !== 'UNSIGNED-PAYLOAD' && payload !== sha256(body)) return false;
  const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const request = [method, path, query.split('&').sort().join('&'), signed.join(''), names, payload].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(request)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), 'AWS4secret-of-the-test');
  return hmac(key, text).toString('hex') === signature;
}
