import { isDnsLabel } from '../api/kubernetes-names.ts';
import { UsageError } from '../api/usage-error.ts';
import { gatewayURLs } from '../cluster/gateway-urls.ts';
import { LOG_LEVELS, type LogLevel } from '../cluster/log.ts';
import { EVENT_LEVELS, type EventLevel } from './executions/observer.ts';

/** Options of `copepod operator`. */
export interface OperatorCommandOptions {
  readonly namespaces?: string;
  readonly port: number;
  readonly events: string;
  readonly logLevel?: string;
  readonly runtimeImage?: string;
  readonly scraperNamespaces?: string;
  readonly gatewayUrl?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

export interface OperatorSettings {
  /** Watched namespaces; undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  readonly port: number;
  readonly events: EventLevel;
  /** Additional namespaces whose pods may read the metrics of runtime pods. */
  readonly scraperNamespaces: readonly string[];
  /** Variables that say which proxies requests of scripts go through, by their names in upper case: those of the operator itself. */
  readonly proxies: Readonly<Record<string, string>>;
  /** Default image of runtimes; undefined: the operator's own. */
  readonly runtimeImage: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Namespace of the operator's Lease and key. */
  readonly ownNamespace: string;
  /** Name of the pod it runs in; undefined outside a pod. */
  readonly podName: string | undefined;
  readonly podUID: string | undefined;
  readonly logLevel: LogLevel;
  /** Where clients reach the gateways; the first is that of the endpoints' URLs. */
  readonly gatewayURLs: readonly [string, ...string[]];
}

const DEFAULT_NAMESPACE = 'copepod-system';

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the operator's settings. @throws UsageError for the first invalid one */
export function readSettings(options: OperatorCommandOptions, env: Environment): OperatorSettings {
  return {
    namespaces: orAll(readNamespaces('--namespaces', options.namespaces ?? env.COPEPOD_NAMESPACES)),
    scraperNamespaces: readNamespaces(
      '--scraper-namespaces',
      options.scraperNamespaces ?? env.COPEPOD_SCRAPER_NAMESPACES,
    ),
    proxies: readProxies(env),
    port: options.port,
    events: oneOf('--events', options.events, EVENT_LEVELS),
    runtimeImage: options.runtimeImage ?? (env.COPEPOD_RUNTIME_IMAGE || undefined),
    kubeconfig: options.kubeconfig,
    context: options.context,
    ownNamespace: env.POD_NAMESPACE || DEFAULT_NAMESPACE,
    gatewayURLs: gatewayURLs(options.gatewayUrl ?? env.COPEPOD_GATEWAY_URL, env.POD_NAMESPACE || DEFAULT_NAMESPACE),
    podName: env.POD_NAME || undefined,
    podUID: env.POD_UID || undefined,
    logLevel:
      options.logLevel === undefined
        ? oneOf('COPEPOD_LOG_LEVEL', env.COPEPOD_LOG_LEVEL || 'info', LOG_LEVELS)
        : oneOf('--log-level', options.logLevel, LOG_LEVELS),
  };
}

const PROXY_NAMES = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'];

/** In lower case they have precedence, as for curl; an empty one is none. */
function readProxies(env: Environment): Readonly<Record<string, string>> {
  const proxies: Record<string, string> = {};
  for (const name of PROXY_NAMES) {
    const value = env[name.toLowerCase()] || env[name];
    if (!value) continue;
    if (name !== 'NO_PROXY' && !/^https?:$/.test(URL.parse(value)?.protocol ?? ''))
      throw new UsageError(
        `${name}: "${value}" is not the URL of a proxy`,
        'write it as http://proxy.example.com:3128',
      );
    proxies[name] = value;
  }
  return proxies;
}

const orAll = (names: readonly string[]): readonly string[] | undefined => (names.length === 0 ? undefined : names);

function readNamespaces(option: string, text: string | undefined): readonly string[] {
  const names = (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const wrong = names.find((name) => !isDnsLabel(name));
  if (wrong !== undefined) {
    throw new UsageError(`${option}: "${wrong}" is not a namespace name`, 'separate names by commas: acme,globex');
  }
  return [...new Set(names)];
}

function oneOf<T extends string>(name: string, text: string, values: readonly T[]): T {
  const value = values.find((each) => each === text);
  if (value === undefined) throw new UsageError(`${name}: "${text}" must be one of ${values.join(', ')}`);
  return value;
}
