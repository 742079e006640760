import { type IncomingMessage, request } from 'node:http';

/** A stream of a dashboard that is open until it is disposed. */
export interface OpenStream extends Disposable {
  /** The answer, once its headers have arrived. */
  readonly answer: Promise<IncomingMessage>;
}

/** Opens it, on a connection of its own. */
export function openStream(origin: string, path: string, headers: Readonly<Record<string, string>>): OpenStream {
  const { hostname, port } = new URL(origin);
  const call = request({ hostname, port, path, headers, agent: false });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    call
      .on('response', (response) => resolve(response.on('error', () => {})))
      .on('error', reject)
      .end();
  });
  answer.catch(() => {});
  return { answer, [Symbol.dispose]: () => call.destroy() };
}
