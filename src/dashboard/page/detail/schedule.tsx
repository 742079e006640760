import type { ScriptSchedule } from '../../../api/types.generated.ts';
import { timeText } from '../format.ts';
import { Facts } from '../parts/facts.tsx';
import { Section } from '../parts/section.tsx';
import { Wellness } from '../parts/state.tsx';
import { Source } from '../source/source.tsx';
import { useRequest } from '../use-request.ts';
import { ScheduleActions } from './actions.tsx';
import { Conditions } from './conditions.tsx';
import type { DetailProps } from './detail-props.ts';
import { Missing } from './missing.tsx';
import { Panel } from './panel.tsx';

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
