import type { ScriptRuntime } from '../../../api/types.generated.ts';
import { countText } from '../format.ts';
import { Facts } from '../parts/facts.tsx';
import { Section } from '../parts/section.tsx';
import { Wellness } from '../parts/state.tsx';
import { Conditions } from './conditions.tsx';
import type { DetailProps } from './detail-props.ts';
import { Missing } from './missing.tsx';
import { Panel } from './panel.tsx';
import { useObject } from './use-object.ts';

/** One runtime. */
export function Runtime(props: DetailProps<'runtimes'>) {
  const { row, namespace, name, onClose } = props;
  const { value: runtime, failure } = useObject<ScriptRuntime>('runtimes', props);
  if (row === undefined || runtime === undefined) {
    return <Missing {...props} what="Runtime" failure={failure} />;
  }
  const { spec, status } = runtime;
  const { pool = {}, executions = {}, compilation = {}, containment } = status;
  const { limits } = spec;
  return (
    <Panel
      what="Runtime"
      namespace={namespace}
      name={name}
      badge={<Wellness state={row.state} isWell={row.isWell} />}
      onClose={onClose}
    >
      <Section title="Now">
        <ul class="tiles">
          <Tile name="Pods ready" value={`${row.ready}/${row.replicas}`} />
          <Tile name="VMs busy" value={`${row.busy}/${row.slots}`} />
          <Tile name="Running" value={countText(executions.running ?? 0)} />
          <Tile name="Waiting" value={countText(executions.pending ?? 0)} />
          <Tile name="Finished" value={countText(row.total)} />
          <Tile name="Failed" value={countText(row.failed)} />
        </ul>
      </Section>
      <Conditions of={status.conditions} />
      <Section title="Limits of an execution">
        <Facts
          of={[
            ['Memory', String(limits.memory)],
            ['CPU time', limits.cpuTime],
            ['Timeout', limits.timeout],
            ['Calls', countText(limits.apiCalls)],
            ['Fetched', String(limits.fetchBytes)],
            ['Result', String(limits.result)],
          ]}
        />
      </Section>
      <Section title="Pods">
        <Facts
          of={[
            ['VMs of a pod', String(spec.pool.size)],
            ['Isolation', spec.pool.tenantIsolation],
            ['Seccomp', containment?.seccomp ?? 'not known yet'],
            ['VMs started', countText(pool.created ?? 0)],
            ['VMs idle', countText(pool.idle ?? 0)],
            ['Compiled scripts', countText(compilation.size ?? 0)],
            ['Compile cache', cacheText(compilation.hits ?? 0, compilation.misses ?? 0)],
            [
              'Autoscaling',
              spec.autoscaling && `${spec.autoscaling.minReplicas} to ${spec.autoscaling.maxReplicas} pods`,
            ],
            ['Image', spec.image],
          ]}
        />
      </Section>
    </Panel>
  );
}

function Tile({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <li class="tile">
      <span class="tile-value">{value}</span>
      <span class="tile-name">{name}</span>
    </li>
  );
}

function cacheText(hits: number, misses: number): string | undefined {
  const all = hits + misses;
  return all === 0 ? undefined : `${Math.round((100 * hits) / all)} % hits of ${countText(all)}`;
}
