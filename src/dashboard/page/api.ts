import type { Failure } from '../messages.ts';
import { storedToken } from './token.ts';

/** An answer of the dashboard that is no success. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** The JSON of an answer. @throws RequestFailed; the reason of the signal */
export async function request<T>(path: string, options: RequestInit = {}): Promise<T> {
  return (await (await open(path, options)).json()) as T;
}

/** POST of JSON. @throws RequestFailed */
export async function post(path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await request(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** The values of an answer of JSON lines, some at a time as they come. @throws RequestFailed */
export async function* lines<T>(path: string, signal: AbortSignal): AsyncGenerator<readonly T[], void> {
  const { body } = await open(path, { signal });
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split('\n');
    rest = parts.pop() ?? '';
    if (parts.length > 0) yield parts.map((part) => JSON.parse(part) as T);
  }
}

async function open(path: string, options: RequestInit): Promise<Response> {
  const headers = new Headers(options.headers);
  const token = storedToken();
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  let response: Response;
  try {
    response = await fetch(path, { ...options, headers, credentials: 'same-origin' });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new RequestFailed({
      from: 'dashboard',
      code: 0,
      reason: 'NoAnswer',
      message: 'the dashboard does not answer',
    });
  }
  if (response.ok) return response;
  const failure = (await response.json().catch(() => undefined)) as Failure | undefined;
  const { status: code } = response;
  throw new RequestFailed(failure ?? { from: 'dashboard', code, reason: '', message: `the answer was ${code}` });
}
