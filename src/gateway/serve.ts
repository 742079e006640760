import { setTimeout as sleep } from 'node:timers/promises';
import { cannotListen } from '../api/usage-error.ts';
import type { Log } from '../cluster/log.ts';
import type { Gateway } from './gateway.ts';
import { GatewayServer } from './http/server.ts';

export interface ServeOptions {
  readonly gateway: Gateway;
  readonly log: Pick<Log, 'write'>;
  readonly port: number;
  readonly address: string | undefined;
  /** Time between the request to end and the end of accepting connections: for load balancers to hear of it. */
  readonly drainDelayMs: number;
  /** Time for open requests after that; then their scripts are cancelled. */
  readonly graceMs: number;
  /** Resolves when it is asked to end. */
  readonly stopped: Promise<void>;
  /** More fields of the log line that says that it listens. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly onServing?: (port: number) => void;
  readonly onDraining?: () => void;
}

/** For the answers of cancelled scripts. */
const LAST_ANSWERS_MS = 2000;

/**
 * Serves until it is asked to end, and every request is answered.
 * @throws UsageError if it cannot listen
 */
export async function serveUntilStopped(options: ServeOptions): Promise<void> {
  const { gateway, log, port, address, drainDelayMs, graceMs, stopped, fields, onServing, onDraining } = options;
  const server = new GatewayServer({ handle: (request, response, trust) => gateway.handle(request, response, trust) });
  const bound = await server.listen(port, address).catch((error: unknown): never => {
    throw cannotListen(port, error);
  });
  log.write('info', 'listening', { port: bound, ...fields });
  onServing?.(bound);
  await stopped;
  log.write('info', 'draining', { open: server.open, drainDelayMs, graceMs });
  onDraining?.();
  server.drain();
  await sleep(drainDelayMs);
  const closed = server.close();
  const over = AbortSignal.timeout(graceMs);
  over.addEventListener('abort', () => {
    log.write('warn', 'grace period over: the remaining scripts are cancelled', { open: server.open });
    gateway.abort();
  });
  const cutOff = new Promise<void>((resolve) => {
    setTimeout(resolve, graceMs + LAST_ANSWERS_MS).unref();
  });
  await Promise.race([closed, cutOff]);
  server.destroy();
}
