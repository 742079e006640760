import type { webcrypto } from 'node:crypto';
import { API_VERSION } from '../../api/crd.ts';
import { parseDuration } from '../../api/duration.ts';
import { VALUES_DIRECTORY, type ValueReference, valueReferences } from '../../api/env.ts';
import type { JsonValue } from '../../api/json.ts';
import { readRegularFile } from '../../api/regular-file.ts';
import type { ScriptRuntimeSpec } from '../../api/types.generated.ts';
import { UsageError } from '../../api/usage-error.ts';
import { validateObject } from '../../api/validate.ts';
import { MountedValues } from '../env/mounted-values.ts';
import { DEFAULT_LIMITS, type RuntimeOptions } from '../options.ts';
import { specOptions } from '../spec-options.ts';
import { LOG_LEVELS, type PodLogLevel } from './log.ts';

/** Options of `copepod runtime`. */
export interface RuntimeCommandOptions {
  readonly port: number;
  readonly address?: string;
  readonly config?: string;
  readonly hostFunctions?: string;
}

export interface PodSettings {
  readonly engine: RuntimeOptions & { readonly values: MountedValues };
  /** The values that are mounted. */
  readonly references: readonly ValueReference[];
  /** The Secrets that are mounted for endpoints. */
  readonly endpointSecrets: readonly ValueReference[];
  readonly podUID: string;
  readonly publicKey: webcrypto.JsonWebKey;
  /** The gateways' public key; undefined: it takes no requests of gateways. */
  readonly gatewayKey: webcrypto.JsonWebKey | undefined;
  readonly logLevel: PodLogLevel;
  /** Maximum time between SIGTERM and exit. */
  readonly graceMs: number;
}

/** Fields of a ScriptRuntime's spec that apply to a pod. */
const CONFIG_FIELDS = ['pool', 'cache', 'limits', 'tenants', 'egress', 'tools', 'env'];
/** Added to the longest run: `terminationGracePeriodSeconds` is longer by the same. */
const GRACE_BEYOND_TIMEOUT_MS = 30_000;

/** More than an object of the API can contain. */
const MAX_CONFIG_BYTES = 2 * 2 ** 20;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings of a pod.
 * @param containerBytes memory limit of its container; 0 where it has none
 * @throws UsageError with all missing and invalid settings
 */
export async function readSettings(
  options: RuntimeCommandOptions,
  env: Environment,
  containerBytes = 0,
): Promise<PodSettings> {
  const problems: string[] = [];
  const collect = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const config = await configText(options, env);
  const configured = collect(() => readConfig(config));
  const podUID = collect(() =>
    required(env, 'COPEPOD_POD_UID', 'the uid of this pod: metadata.uid of the downward API'),
  );
  const publicKey = collect(() => {
    const name = 'COPEPOD_PUBLIC_KEY';
    return readPublicKey(name, required(env, name, "the operator's public key, an Ed25519 JWK"));
  });
  const gateway = collect(() => readGatewayKey(env));
  const logLevel = collect(() => readLogLevel(env.COPEPOD_LOG_LEVEL));
  const secrets = collect(() => readEndpointSecrets(env));
  const graceMs = collect(() =>
    readGrace(env.COPEPOD_GRACE_SECONDS, configured && parseDuration(configured.limits.timeout)),
  );
  if (!configured || podUID === undefined || !publicKey || !gateway || !logLevel || !secrets || graceMs === undefined) {
    throw new UsageError(problems.join('\n  '), "the operator sets all of these; without a cluster use 'copepod run'");
  }
  const references = valueReferences(configured);
  const values = new MountedValues(env.COPEPOD_VALUES_DIR || VALUES_DIRECTORY, [...references, ...secrets]);
  const engine = { ...specOptions(configured, values, containerBytes), values };
  return {
    engine,
    references,
    endpointSecrets: secrets,
    podUID,
    publicKey,
    gatewayKey: gateway.key,
    logLevel,
    graceMs,
  };
}

function required(env: Environment, name: string, what: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new UsageError(`${name} is missing: set it to ${what}`);
  return value;
}

function readGatewayKey(env: Environment): { readonly key: webcrypto.JsonWebKey | undefined } {
  const name = 'COPEPOD_GATEWAY_PUBLIC_KEY';
  const text = env[name];
  return { key: text === undefined || text === '' ? undefined : readPublicKey(name, text) };
}

/** `COPEPOD_ENDPOINT_SECRETS`: `[{ "name": "crm", "key": "token" }]`. */
function readEndpointSecrets(env: Environment): readonly ValueReference[] {
  const name = 'COPEPOD_ENDPOINT_SECRETS';
  const list = parseJson(name, env[name] || '[]');
  if (!Array.isArray(list)) throw new UsageError(`${name}: must be a list of keys of Secrets`);
  return list.map((each) => {
    const { name: secret, key } = (each ?? {}) as { name?: unknown; key?: unknown };
    if (typeof secret !== 'string' || typeof key !== 'string') {
      throw new UsageError(`${name}: must be a list of keys of Secrets`);
    }
    return { kind: 'Secret', name: secret, key };
  });
}

function readPublicKey(name: string, text: string): webcrypto.JsonWebKey {
  const key = parseJson(name, text) as webcrypto.JsonWebKey | null;
  const isKey = key?.kty === 'OKP' && key.crv === 'Ed25519' && /^[\w-]{43}$/.test(key.x ?? '');
  if (!isKey) throw new UsageError(`${name}: is not an Ed25519 key: write {"kty":"OKP","crv":"Ed25519","x":"…"}`);
  if (key.d !== undefined)
    throw new UsageError(`${name}: contains a private key, which a pod must not have: remove "d"`);
  return key;
}

function readLogLevel(text: string | undefined): PodLogLevel {
  const level = LOG_LEVELS.find((each) => each === (text || 'info'));
  if (level === undefined) throw new UsageError(`COPEPOD_LOG_LEVEL: '${text}' must be one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

function readGrace(text: string | undefined, timeoutMs = DEFAULT_LIMITS.timeoutMs): number {
  if (text === undefined || text === '') return timeoutMs + GRACE_BEYOND_TIMEOUT_MS;
  if (!/^\d{1,6}$/.test(text))
    throw new UsageError(`COPEPOD_GRACE_SECONDS: '${text}' is not a whole number of seconds`);
  return Number(text) * 1000;
}

/** JSON with its origin and the names of its fields there. */
interface ConfigText {
  readonly from: string;
  readonly text: string;
}

async function configText({ config }: RuntimeCommandOptions, env: Environment): Promise<ConfigText> {
  if (config === undefined) return { from: 'COPEPOD_RUNTIME_CONFIG', text: env.COPEPOD_RUNTIME_CONFIG || '{}' };
  if (config.trimStart().startsWith('{')) return { from: '--config', text: config };
  return { from: config, text: (await readRegularFile(config, MAX_CONFIG_BYTES)).toString('utf8') };
}

/** Validates a config like the API server validates a ScriptRuntime, and adds defaults. */
function readConfig({ from, text }: ConfigText): ScriptRuntimeSpec {
  const spec = parseJson(from, text);
  if (spec === null || typeof spec !== 'object' || Array.isArray(spec)) {
    throw new UsageError(`${from}: must be a JSON object with ${CONFIG_FIELDS.join(', ')}`);
  }
  const unknown = Object.keys(spec).find((key) => !CONFIG_FIELDS.includes(key));
  if (unknown !== undefined) {
    throw new UsageError(`${from}: unknown field '${unknown}': use ${CONFIG_FIELDS.join(', ')}`);
  }
  const metadata = { name: 'runtime', namespace: 'default' };
  const checked = validateObject('ScriptRuntime', { apiVersion: API_VERSION, kind: 'ScriptRuntime', metadata, spec });
  if (checked.ok) return checked.object.spec;
  throw new UsageError(
    checked.errors
      .map(({ path, message, hint }) => {
        const field = path.replace(/^spec\.?/, '');
        return `${from}: ${field} ${message}${hint === undefined ? '' : ` (${hint})`}`;
      })
      .join('\n  '),
  );
}

function parseJson(from: string, text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new UsageError(`${from}: is not JSON: ${(error as Error).message}`);
  }
}
