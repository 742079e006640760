import type { ScriptSchedule } from '../../../api/types.generated.ts';
import { timeText } from '../format.ts';
import { Facts } from '../parts/facts.tsx';
import { Section } from '../parts/section.tsx';
import { Wellness } from '../parts/state.tsx';
import { Source } from '../source/source.tsx';
import { ScheduleActions } from './actions.tsx';
import { Conditions } from './conditions.tsx';
import type { DetailProps } from './detail-props.ts';
import { Missing } from './missing.tsx';
import { Panel } from './panel.tsx';
import { useObject } from './use-object.ts';

/** One schedule. */
export function Schedule(props: DetailProps<'schedules'>) {
  const { row, namespace, name, onClose, linkTo } = props;
  const { value: schedule, failure } = useObject<ScriptSchedule>('schedules', props);
  if (row === undefined || schedule === undefined) {
    return <Missing {...props} what="Schedule" failure={failure} />;
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
