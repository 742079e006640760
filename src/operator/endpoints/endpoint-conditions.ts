import { clip } from '../../api/conditions.ts';
import type { HostConflict } from '../../api/endpoints/host-table.ts';
import type { CompilationResult } from '../../api/pod-protocol.ts';
import { storableText } from '../../api/text.ts';
import { formatTime } from '../../api/time.ts';
import type { Condition } from '../../api/types.generated.ts';

/** What is known of an endpoint. */
export interface EndpointSituation {
  /** Name of its ScriptRuntime. */
  readonly runtimeName: string;
  readonly hasRuntime: boolean;
  /** Why its runtime refuses its tenant or its limits, as a sentence. */
  readonly refusal: { readonly reason: 'TenantRefused' | 'LimitsRefused'; readonly message: string } | undefined;
  readonly conflicts: readonly HostConflict[];
  /** What is missing of its script, as a sentence. */
  readonly missingSource: string | undefined;
  /** Pods of its runtime that take requests. */
  readonly servingPods: number;
  /** The runtime is at zero pods because nothing asks for one. */
  readonly isAtZero: boolean;
  /** What compiling its script has given; undefined before a pod has told. */
  readonly compilation: CompilationResult | undefined;
}

/** Why an endpoint is, or is not, ready. */
interface Verdict {
  readonly ready: Condition['status'];
  /** Stalled: its author has to change something. Reconciling: it is on its way. */
  readonly also?: 'Stalled' | 'Reconciling';
  readonly reason: string;
  readonly message: string;
}

/** In this order; the first that says something counts. */
const POLICIES: readonly ((situation: EndpointSituation) => Verdict | undefined)[] = [
  runtimeMissing,
  runtimeRefuses,
  sourceMissing,
  doesNotCompile,
  hostsNotServed,
  noPods,
  notCompiled,
];

const MAX_MESSAGE = 32_768;

/** The conditions of a ScriptEndpoint, for kstatus: Ready, and Stalled or Reconciling while true. Pure. */
export function endpointConditions(
  situation: EndpointSituation,
  {
    generation,
    now,
    previous,
  }: { readonly generation: number; readonly now: Date; readonly previous: readonly Condition[] | undefined },
): Condition[] {
  const { ready, also, reason, message } = firstOf(situation);
  const condition = (type: string, status: Condition['status']): Condition => {
    const before = previous?.find((other) => other.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : formatTime(now);
    const text = clip(storableText(message), MAX_MESSAGE);
    return { type, status, observedGeneration: generation, lastTransitionTime, reason, message: text };
  };
  return [condition('Ready', ready), ...(also === undefined ? [] : [condition(also, 'True')])];
}

function firstOf(situation: EndpointSituation): Verdict {
  for (const policy of POLICIES) {
    const verdict = policy(situation);
    if (verdict !== undefined) return verdict;
  }
  return { ready: 'True', reason: 'Serving', message: 'Requests are served.' };
}

function runtimeMissing({ hasRuntime, runtimeName }: EndpointSituation): Verdict | undefined {
  if (hasRuntime) return undefined;
  const message = `There is no ScriptRuntime "${runtimeName}" in this namespace.`;
  return { ready: 'False', also: 'Reconciling', reason: 'RuntimeNotFound', message };
}

function runtimeRefuses({ refusal }: EndpointSituation): Verdict | undefined {
  return refusal && { ready: 'False', also: 'Stalled', ...refusal };
}

function sourceMissing({ missingSource: message }: EndpointSituation): Verdict | undefined {
  if (message === undefined) return undefined;
  return { ready: 'False', also: 'Reconciling', reason: 'SourceNotFound', message };
}

function doesNotCompile({ compilation }: EndpointSituation): Verdict | undefined {
  if (compilation?.error === undefined) return undefined;
  const { message, file, line, column } = compilation.error;
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const text = `The script does not compile: ${place === '' ? '' : `${place}: `}${message}`;
  return { ready: 'False', also: 'Stalled', reason: 'CompilationError', message: text };
}

function hostsNotServed({ conflicts }: EndpointSituation): Verdict | undefined {
  if (conflicts.length === 0) return undefined;
  const each = conflicts.map(({ hostname, other }) =>
    other === undefined
      ? `${hostname} is the host of the gateway itself`
      : `${hostname} is taken by ScriptEndpoint ${other}`,
  );
  const message = `${each.join('; ')}: requests for it do not come here.`;
  const reason = conflicts.some(({ other }) => other === undefined) ? 'HostnameReserved' : 'HostnameTaken';
  return { ready: 'False', also: 'Stalled', reason, message };
}

function noPods({ servingPods, isAtZero, runtimeName, compilation }: EndpointSituation): Verdict | undefined {
  if (servingPods > 0) return undefined;
  if (!isAtZero) {
    const message = `ScriptRuntime "${runtimeName}" has no pod that takes requests; its conditions say why.`;
    return { ready: 'False', also: 'Reconciling', reason: 'RuntimeNotReady', message };
  }
  const compiles = compilation === undefined ? ' Whether the script compiles is not known before.' : '';
  const message = `ScriptRuntime "${runtimeName}" is at zero pods: the first request starts one.${compiles}`;
  return { ready: 'True', reason: 'ScaledToZero', message };
}

function notCompiled({ compilation }: EndpointSituation): Verdict | undefined {
  if (compilation !== undefined) return undefined;
  return { ready: 'Unknown', also: 'Reconciling', reason: 'Compiling', message: 'The script is being compiled.' };
}
