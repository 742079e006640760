import { formatDuration, parseDuration } from './duration.ts';
import { formatBytes, parseBytes } from './quantity.ts';
import type { ScriptExecutionLimits, ScriptRuntimeLimits } from './types.generated.ts';

/** Maximum size of `spec.source` in bytes of UTF-8. A script that comes from a file or a ConfigMap may have MAX_PROGRAM_BYTES. */
export const MAX_SOURCE_BYTES = 256 << 10;

/** Maximum size of a program: its script and the files that it imports, in bytes of UTF-8. A ConfigMap holds no more. */
export const MAX_PROGRAM_BYTES = 1 << 20;

/** Maximum number of files of a program. */
export const MAX_PROGRAM_FILES = 1000;

/** Maximum length of a file's name in a program: a key of a ConfigMap, or a runtime's import, in UTF-16 code units. */
export const MAX_FILE_NAME = 520;

/** The limits of one execution as numbers: the engine's `Limits`. */
export interface LimitValues {
  readonly memoryBytes: number;
  readonly cpuTimeMs: number;
  readonly timeoutMs: number;
  readonly apiCalls: number;
  readonly fetchBytes: number;
  readonly resultBytes: number;
  readonly logsBytes: number;
}

/** A limit above that of the runtime. */
export interface ExceededLimit {
  /** Field of `spec.limits`. */
  readonly field: keyof ScriptRuntimeLimits;
  /** The execution's limit, as written. */
  readonly asked: string;
  /** The runtime's limit, as written. */
  readonly ceiling: string;
}

interface LimitField {
  readonly value: keyof LimitValues;
  read(text: string | number): number;
  write(value: number): string;
}

const BYTES = { read: parseBytes, write: formatBytes };
const DURATION = { read: (text: string | number) => parseDuration(String(text)), write: formatDuration };
const COUNT = { read: Number, write: String };

const FIELDS: Readonly<Record<keyof ScriptRuntimeLimits, LimitField>> = {
  memory: { value: 'memoryBytes', ...BYTES },
  cpuTime: { value: 'cpuTimeMs', ...DURATION },
  timeout: { value: 'timeoutMs', ...DURATION },
  apiCalls: { value: 'apiCalls', ...COUNT },
  fetchBytes: { value: 'fetchBytes', ...BYTES },
  result: { value: 'resultBytes', ...BYTES },
  logs: { value: 'logsBytes', ...BYTES },
};

const NAMES = Object.keys(FIELDS) as (keyof ScriptRuntimeLimits)[];

/**
 * A ScriptRuntime's limits as numbers.
 *
 * @throws FormatError if a limit cannot be parsed, which validation rules out
 */
export function runtimeLimits(limits: ScriptRuntimeLimits): LimitValues {
  return Object.fromEntries(NAMES.map((name) => [FIELDS[name].value, FIELDS[name].read(limits[name])])) as never;
}

/**
 * The limits of one execution: its runtime's, lowered by its own.
 *
 * @returns the limits, and those above the runtime's: any such limit refuses the execution (LimitsRefused)
 * @throws FormatError if a limit cannot be parsed, which validation rules out
 */
export function executionLimits(
  runtime: LimitValues,
  own?: ScriptExecutionLimits,
): { readonly limits: LimitValues; readonly exceeded: readonly ExceededLimit[] } {
  if (own === undefined) return { limits: runtime, exceeded: [] };
  const limits: Record<string, number> = { ...runtime };
  const exceeded: ExceededLimit[] = [];
  for (const field of NAMES) {
    const asked = own[field];
    if (asked === undefined) continue;
    const { value, read, write } = FIELDS[field];
    const amount = read(asked);
    if (amount > runtime[value]) exceeded.push({ field, asked: String(asked), ceiling: write(runtime[value]) });
    else limits[value] = amount;
  }
  return { limits: limits as unknown as LimitValues, exceeded };
}

/** Why an execution is refused: `limits.memory asks for 1Gi, and the runtime allows 64Mi`. */
export function limitsRefusedMessage(exceeded: readonly ExceededLimit[]): string {
  return exceeded
    .map(({ field, asked, ceiling }) => `limits.${field} asks for ${asked}, and the runtime allows ${ceiling}`)
    .join('; ');
}
