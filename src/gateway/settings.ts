import { parseDuration } from '../api/duration.ts';
import { isDnsLabel } from '../api/kubernetes-names.ts';
import { UsageError } from '../api/usage-error.ts';
import { gatewayURLs } from '../cluster/gateway-urls.ts';
import { LOG_LEVELS, type LogLevel } from '../cluster/log.ts';
import { ACCESS_LOGS, type AccessLog } from './http/observer.ts';

/** Options of `copepod gateway`. */
export interface GatewayCommandOptions {
  readonly port?: number;
  readonly address?: string;
  readonly probePort: number;
  readonly namespaces?: string;
  readonly maxWait: string;
  readonly drainDelay: string;
  readonly grace: string;
  readonly accessLog: string;
  readonly jwksHosts?: string;
  readonly gatewayUrl?: string;
  readonly logLevel?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

export interface GatewaySettings {
  readonly port: number;
  readonly address: string | undefined;
  readonly probePort: number;
  /** Watched namespaces; undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  /** Maximum time that a request waits for a pod. */
  readonly maxWaitMs: number;
  /** Time between SIGTERM and the end of accepting connections. */
  readonly drainDelayMs: number;
  /** Time for open requests after that. */
  readonly graceMs: number;
  readonly accessLog: AccessLog;
  /** Hosts of keys that may have private addresses, and be asked over HTTP. */
  readonly jwksHosts: readonly string[];
  /** Where clients reach the gateways: no endpoint has their hosts. */
  readonly gatewayURLs: readonly string[];
  readonly logLevel: LogLevel;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Namespace of the gateways' key: the operator's. */
  readonly ownNamespace: string;
  readonly podUID: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

export const DEFAULT_PORT = 8080;

/** Reads the gateway's settings. @throws UsageError for the first invalid one */
export function readSettings(options: GatewayCommandOptions, env: Environment): GatewaySettings {
  const ownNamespace = env.POD_NAMESPACE || 'copepod-system';
  return {
    port: options.port ?? DEFAULT_PORT,
    address: options.address,
    probePort: options.probePort,
    namespaces: namespacesOf(options.namespaces ?? env.COPEPOD_NAMESPACES),
    maxWaitMs: durationOf('--max-wait', options.maxWait),
    drainDelayMs: durationOf('--drain-delay', options.drainDelay),
    graceMs: durationOf('--grace', options.grace),
    accessLog: oneOf('--access-log', options.accessLog, ACCESS_LOGS),
    jwksHosts: namesOf(options.jwksHosts ?? env.COPEPOD_JWKS_HOSTS),
    gatewayURLs: gatewayURLs(options.gatewayUrl ?? env.COPEPOD_GATEWAY_URL, ownNamespace),
    logLevel: oneOf('--log-level', options.logLevel ?? (env.COPEPOD_LOG_LEVEL || 'info'), LOG_LEVELS),
    kubeconfig: options.kubeconfig,
    context: options.context,
    ownNamespace,
    podUID: env.POD_UID || undefined,
  };
}

function durationOf(option: string, text: string): number {
  try {
    if (text === '0') return 0;
    return parseDuration(text);
  } catch {
    throw new UsageError(`${option}: "${text}" is not a duration`, 'write one like 500ms, 30s or 1m30s');
  }
}

function namespacesOf(text = ''): readonly string[] | undefined {
  const names = namesOf(text);
  const wrong = names.find((name) => !isDnsLabel(name));
  if (wrong !== undefined) {
    throw new UsageError(`--namespaces: "${wrong}" is not a namespace name`, 'separate names by commas: acme,globex');
  }
  return names.length === 0 ? undefined : [...new Set(names)];
}

const namesOf = (text = ''): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

function oneOf<T extends string>(name: string, text: string, values: readonly T[]): T {
  const value = values.find((each) => each === text);
  if (value === undefined) throw new UsageError(`${name}: "${text}" must be one of ${values.join(', ')}`);
  return value;
}
