import type { PodContainment } from '../../api/pod-protocol.ts';
import type { ScriptRuntimeStatus } from '../../api/types.generated.ts';
import { advised } from './advice.ts';
import type { RuntimeSituation } from './situation.ts';

type Containment = NonNullable<ScriptRuntimeStatus['containment']>;

/** The weakest containment that pods report; undefined where none has started a sandbox yet. Pure. */
export function weakestContainment(reports: readonly PodContainment[]): Containment | undefined {
  const known = reports.filter(({ seccomp }) => seccomp !== 'Unknown');
  const weakest = known.find(({ seccomp }) => seccomp === 'Inactive') ?? known[0];
  return weakest as Containment | undefined;
}

/** Pods whose sandboxes run without the seccomp filter, where the runtime allows that. Pure. */
export function seccompInactive({ runtime, containment }: RuntimeSituation) {
  const without = containment.filter(({ seccomp }) => seccomp === 'Inactive');
  if (without.length === 0 || runtime.spec.pool.seccomp === 'Required') return undefined;
  const said = `The sandboxes of ${without.length} of ${containment.length} pods run without a seccomp filter${because(without)}`;
  const advice =
    'A V8 exploit in a script can then call all that the container may. Allow the system call seccomp to the pods; ' +
    'with spec.pool.seccomp: Required no sandbox starts without the filter.';
  return { reason: 'FilterUnavailable', message: advised(said, advice) };
}

/** Pods that start no sandbox because the runtime requires the filter. Pure. */
export function seccompRefused({ runtime, containment }: RuntimeSituation) {
  const without = containment.filter(({ seccomp }) => seccomp === 'Inactive');
  if (without.length === 0 || runtime.spec.pool.seccomp !== 'Required') return undefined;
  const said = `${without.length} of ${containment.length} pods start no sandbox without a seccomp filter${because(without)}`;
  const advice =
    'Allow the system call seccomp to the pods (container engines and sandboxed kernels such as gVisor may deny it), ' +
    'or run without the filter: spec.pool.seccomp: IfAvailable.';
  return { reason: 'SeccompRefused', message: advised(said, advice), mayPass: false };
}

const because = ([first]: readonly PodContainment[]): string =>
  first?.reason === undefined ? '' : `: ${first.reason}`;
