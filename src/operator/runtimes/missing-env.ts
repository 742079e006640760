import { egressSecrets } from '../../api/egress-secrets.ts';
import {
  envOf,
  keyOf,
  referenceOf,
  referencesDigest,
  referenceText,
  unmetReferences,
  valueReferences,
} from '../../api/env.ts';
import type { ScriptRuntimeEnv } from '../../api/types.generated.ts';
import { missingReferences } from '../../cluster/pods/pod-values.ts';
import { advised } from './advice.ts';
import type { RuntimeSituation } from './situation.ts';

/** A variable that is not optional, and whose value pods do not have. */
interface Missing {
  readonly variable: ScriptRuntimeEnv;
  readonly pods: number;
}

/** The condition EnvMissing; undefined if every pod has all values that are not optional, and those of egress rules. Pure. */
export function envMissing(situation: RuntimeSituation) {
  const missing = missingOf(situation);
  const headers = missingHeaders(situation);
  if (missing.length === 0 && headers.length === 0) return undefined;
  const { values } = situation;
  const said = missing.map(({ variable, pods }) => {
    const reference = referenceOf(variable);
    const where = pods === values.length ? '' : ` on ${pods} of ${values.length} pods`;
    return `env.${variable.name}: ${reference && referenceText(reference)} does not exist${where}`;
  });
  said.push(...headers);
  const waits = missing.length === 0 ? 'Requests of the rule fail.' : 'Executions that need it wait.';
  const advice = `${waits} Create it, and the kubelet mounts it within about a minute${missing.length === 0 ? '' : '; or set optional: true'}.`;
  return { reason: 'ValueNotFound', message: advised(said.join('; '), advice) };
}

/** No execution can start: a variable of all tenants has no value on any pod. Pure. */
export function envMissingForAll(situation: RuntimeSituation) {
  const { runtime } = situation;
  const reports = reportsOf(situation);
  if (reports.length === 0) return undefined;
  // No tenant has an empty id: what is left is given to all.
  const env = envOf(runtime.spec.env, [], '');
  const unmet = unmetReferences(env, (reference) => reports.some((missing) => !missing.has(keyOf(reference))));
  const condition = unmet.size === 0 ? undefined : envMissing(situation);
  return condition && { ...condition, mayPass: true };
}

/** What does not exist on each of the pods that were started with the present references. */
function reportsOf({ runtime: { spec }, values }: RuntimeSituation): readonly ReadonlySet<string>[] {
  const references = valueReferences(spec);
  const digest = referencesDigest(references);
  return values.filter((each) => each.digest === digest).map((each) => missingReferences(references, each));
}

/** Headers of egress rules whose Secret some pods do not have: only requests of these rules fail. */
function missingHeaders(situation: RuntimeSituation): string[] {
  const reports = reportsOf(situation);
  return egressSecrets(situation.runtime.spec.egress)
    .filter(({ reference }) => reports.some((missing) => missing.has(keyOf(reference))))
    .map(
      ({ rule, header, reference }) =>
        `header ${header} of egress rule ${rule}: ${referenceText(reference)} does not exist`,
    );
}

function missingOf(situation: RuntimeSituation): Missing[] {
  const reports = reportsOf(situation);
  return (situation.runtime.spec.env ?? []).flatMap((variable) => {
    const reference = referenceOf(variable);
    if (reference === undefined || reference.optional) return [];
    const pods = reports.filter((missing) => missing.has(keyOf(reference))).length;
    return pods === 0 ? [] : [{ variable, pods }];
  });
}
