import type { ScheduleRow } from '../../messages.ts';
import { ageText, countText } from '../format.ts';
import { Empty } from '../parts/message.tsx';
import { Wellness } from '../parts/state.tsx';
import type { Column } from './grid.tsx';
import type { ListProps } from './list-props.ts';
import { fieldsOf, NamedList, nameColumn } from './named-list.tsx';

/** The schedules. */
export function Schedules(props: ListProps<'schedules'>) {
  const { now } = props;
  const columns: readonly Column<ScheduleRow>[] = [
    {
      title: 'State',
      look: 'cell-state',
      cell: ({ state, isWell, isSuspended }) => <Wellness state={state} isWell={isWell} isPaused={isSuspended} />,
    },
    nameColumn(props.isEverywhere),
    {
      title: 'Schedule',
      look: 'cell-schedule',
      cell: ({ schedule, timeZone }) => (
        <>
          <code>{schedule}</code> <span class="aside">{timeZone}</span>
        </>
      ),
    },
    { title: 'Active', look: 'cell-short', cell: ({ active }) => countText(active) },
    { title: 'Last', look: 'cell-age', cell: ({ last }) => (last ? ageText(now - Date.parse(last)) : '–') },
    { title: 'Next in', look: 'cell-age', cell: ({ next }) => (next ? ageText(Date.parse(next) - now) : '–') },
  ];
  return (
    <NamedList {...props} label="schedules" look="grid-schedules" columns={columns} fields={fieldsOf}>
      <Empty title="No schedules">A ScriptSchedule starts executions at the times of a cron expression.</Empty>
    </NamedList>
  );
}
