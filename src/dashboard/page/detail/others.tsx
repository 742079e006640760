import type { ScriptEndpoint, ScriptRuntime, ScriptSchedule } from '../../../api/types.generated.ts';
import { countText, timeText } from '../format.ts';
import { type Fact, Facts } from '../parts/facts.tsx';
import { Section } from '../parts/section.tsx';
import { Wellness } from '../parts/state.tsx';
import { Source } from '../source/source.tsx';
import { useRequest } from '../use-request.ts';
import { ScheduleActions } from './actions.tsx';
import { Conditions } from './conditions.tsx';
import type { DetailProps } from './detail-props.ts';
import { Missing } from './missing.tsx';
import { Panel } from './panel.tsx';

/** One runtime. */
export function Runtime({ row, namespace, name, isComplete, onClose }: DetailProps<'runtimes'>) {
  const { value: runtime, failure } = useRequest<ScriptRuntime>(
    `/api/objects/runtimes/${namespace}/${name}`,
    row?.version,
  );
  if (row === undefined || runtime === undefined) {
    return (
      <Missing
        {...{ what: 'Runtime', namespace, name, failure, onClose }}
        isComplete={isComplete && row === undefined}
      />
    );
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

/** One schedule. */
export function Schedule({ row, namespace, name, isComplete, onClose, linkTo }: DetailProps<'schedules'>) {
  const path = `/api/objects/schedules/${namespace}/${name}`;
  const { value: schedule, failure } = useRequest<ScriptSchedule>(path, row?.version);
  if (row === undefined || schedule === undefined) {
    return (
      <Missing
        {...{ what: 'Schedule', namespace, name, failure, onClose }}
        isComplete={isComplete && row === undefined}
      />
    );
  }
  const { spec, status } = schedule;
  const { lastScheduleTime, lastSuccessfulTime, lastMissedTime, nextScheduleTime, active = [] } = status;
  const time = (value: string | undefined): string | undefined => (value === undefined ? undefined : timeText(value));
  return (
    <Panel
      what="Schedule"
      namespace={namespace}
      name={name}
      badge={<Wellness state={row.state} isWell={row.isWell} isPaused={row.isSuspended} />}
      actions={<ScheduleActions row={row} />}
      onClose={onClose}
    >
      <Section title="Times">
        <Facts
          of={[
            ['Schedule', <code>{spec.schedule}</code>],
            ['Time zone', spec.timeZone ?? 'UTC'],
            ['Next', time(nextScheduleTime)],
            ['Last', time(lastScheduleTime)],
            ['Last success', time(lastSuccessfulTime)],
            ['Last missed', time(lastMissedTime)],
            ['Concurrency', spec.concurrencyPolicy],
            ['Spread', spec.spread],
          ]}
        />
      </Section>
      <Section title="Active">
        {active.length === 0 ? (
          <p class="quiet">No execution of it is under way.</p>
        ) : (
          <ul class="links">
            {active.map((each) => (
              <li key={each.uid}>
                <a href={linkTo('executions', each.name)}>{each.name}</a>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Source
        kind="schedules"
        namespace={namespace}
        name={name}
        version={String(schedule.metadata.generation)}
        language={spec.executionTemplate.spec.language}
      />
      <Conditions of={status.conditions} />
    </Panel>
  );
}

/** One endpoint. */
export function Endpoint({ row, namespace, name, isComplete, onClose, linkTo }: DetailProps<'endpoints'>) {
  const path = `/api/objects/endpoints/${namespace}/${name}`;
  const { value: endpoint, failure } = useRequest<ScriptEndpoint>(path, row?.version);
  if (row === undefined || endpoint === undefined) {
    return (
      <Missing
        {...{ what: 'Endpoint', namespace, name, failure, onClose }}
        isComplete={isComplete && row === undefined}
      />
    );
  }
  const { spec, status } = endpoint;
  const facts: readonly Fact[] = [
    ['URL', status.url],
    ['Hostnames', spec.hostnames?.join(', ')],
    ['Path', spec.path],
    ['Methods', spec.methods?.join(', ') ?? 'all'],
    ['Auth', spec.auth.type],
    ['Runtime', <a href={linkTo('runtimes', spec.runtimeRef.name)}>{spec.runtimeRef.name}</a>],
    ['Reuse', spec.reuse],
    ['Record', spec.record],
    ['Concurrency', spec.concurrency === undefined ? undefined : countText(spec.concurrency)],
  ];
  return (
    <Panel
      what="Endpoint"
      namespace={namespace}
      name={name}
      badge={<Wellness state={row.state} isWell={row.isWell} />}
      onClose={onClose}
    >
      <Section title="Requests">
        <Facts of={facts} />
      </Section>
      <Source
        kind="endpoints"
        namespace={namespace}
        name={name}
        version={String(endpoint.metadata.generation)}
        language={spec.language}
      />
      <Conditions of={status.conditions} />
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
