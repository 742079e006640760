import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { TransportError } from './api-error.ts';
import type { Credential } from './credentials.ts';
import { defined } from './defined.ts';
import { Http1Transport } from './http1-transport.ts';
import { Http2Transport } from './http2-transport.ts';
import type { Transport } from './transport.ts';

const CONNECT_WITHIN_MS = 10_000;
/** Idle connections close before the API server (90 s) or a proxy (often 60 s) closes them. */
const IDLE_MS = 50_000;
const TCP_KEEP_ALIVE_MS = 30_000;

/**
 * Connects to the API server: HTTP/2 if ALPN negotiates it, else HTTP/1.1. Throws `TransportError` with `neverSent`.
 */
export async function dial(origin: URL, { tls, proxyAgent }: Credential): Promise<Transport> {
  if (proxyAgent) return new Http1Transport(origin, proxyAgent);
  const pooled = { keepAlive: true, keepAliveMsecs: TCP_KEEP_ALIVE_MS, timeout: IDLE_MS };
  if (origin.protocol !== 'https:') return new Http1Transport(origin, new HttpAgent(pooled));
  const socket = await connectTls(origin, tls);
  if (socket.alpnProtocol === 'h2') return new Http2Transport(origin, socket);
  socket.destroy();
  return new Http1Transport(origin, new HttpsAgent({ ...defined(tls), ...pooled }));
}

function connectTls(origin: URL, tls: Credential['tls']): Promise<TLSSocket> {
  const host = origin.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(origin.port) || 443,
      ALPNProtocols: ['h2', 'http/1.1'],
      ...(isIP(host) ? {} : { servername: host }),
      ...defined(tls),
    });
    const fail = (message: string, code: string, cause?: unknown): void => {
      socket.destroy();
      reject(new TransportError(message, code, { neverSent: true, cause }));
    };
    const timer = setTimeout(
      () => fail(`${origin.host} did not accept a connection within ${CONNECT_WITHIN_MS / 1000} s`, 'ETIMEDOUT'),
      CONNECT_WITHIN_MS,
    );
    const onError = (cause: NodeJS.ErrnoException): void => {
      clearTimeout(timer);
      fail(`cannot connect to the API server at ${origin.host}: ${cause.message}`, cause.code ?? 'ECONNRESET', cause);
    };
    socket.once('error', onError).once('secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
      resolve(socket);
    });
  });
}
