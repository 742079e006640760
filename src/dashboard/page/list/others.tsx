import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { EndpointRow, RuntimeRow, ScheduleRow } from '../../messages.ts';
import { ageText, countText } from '../format.ts';
import { Empty } from '../parts/message.tsx';
import { Wellness } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import { type Column, Grid } from './grid.tsx';
import type { ListProps } from './list-props.ts';
import { matching } from './model.ts';
import { SearchField } from './search-field.tsx';

/** The runtimes. */
export function Runtimes(props: ListProps<'runtimes'>) {
  const columns: readonly Column<RuntimeRow>[] = [
    { title: 'State', look: 'cell-state', cell: ({ state, isWell }) => <Wellness state={state} isWell={isWell} /> },
    nameColumn(props.isEverywhere),
    { title: 'Pods', look: 'cell-short', cell: ({ ready, replicas }) => `${ready}/${replicas}` },
    { title: 'VMs busy', look: 'cell-load', cell: ({ busy, slots }) => <Load busy={busy} slots={slots} /> },
    { title: 'Waiting', look: 'cell-short', cell: ({ pending }) => countText(pending) },
    { title: 'Finished', look: 'cell-short cell-minor', cell: ({ total }) => countText(total) },
    { title: 'Failed', look: 'cell-short cell-minor', cell: ({ failed }) => countText(failed) },
    ageColumn(props.now),
  ];
  return (
    <NamedList {...props} label="runtimes" look="grid-runtimes" columns={columns} fields={fieldsOf}>
      <Empty title="No runtimes">A ScriptRuntime is a set of pods that runs the executions of its namespace.</Empty>
    </NamedList>
  );
}

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

/** The endpoints. */
export function Endpoints(props: ListProps<'endpoints'>) {
  const columns: readonly Column<EndpointRow>[] = [
    { title: 'State', look: 'cell-state', cell: ({ state, isWell }) => <Wellness state={state} isWell={isWell} /> },
    nameColumn(props.isEverywhere),
    { title: 'URL', look: 'cell-url', cell: ({ url }) => <Text of={url || '–'} /> },
    { title: 'Runtime', look: 'cell-runtime', cell: ({ runtime }) => runtime },
    { title: 'Auth', look: 'cell-short', cell: ({ auth }) => auth },
    ageColumn(props.now),
  ];
  return (
    <NamedList {...props} label="endpoints" look="grid-endpoints" columns={columns} fields={fieldsOf}>
      <Empty title="No endpoints">A ScriptEndpoint has a script answer HTTP requests.</Empty>
    </NamedList>
  );
}

type NamedRow = RuntimeRow | ScheduleRow | EndpointRow;

interface NamedListProps<T extends NamedRow> extends Omit<ListProps<T['kind']>, 'known' | 'onOpen'> {
  readonly known: { readonly rows: ReadonlyMap<string, T> };
  readonly onOpen: (row: T) => void;
  readonly label: string;
  readonly look: string;
  readonly columns: readonly Column<T>[];
  readonly fields: (row: T) => readonly string[];
  /** Shown where there are none. */
  readonly children: ComponentChildren;
}

/** A list by name, with a filter. */
function NamedList<T extends NamedRow>(props: NamedListProps<T>) {
  const { known, label, look, columns, fields, openUid, onOpen, children } = props;
  const [text, setText] = useState('');
  const rows = useMemo(
    () => matching(known.rows.values(), text, fields).sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)),
    [known, text, fields],
  );
  return (
    <>
      <div class="filters">
        <SearchField label={`Filter ${label}`} value={text} onChange={setText} />
        <p class="total" role="status">
          {text === '' ? countText(rows.length) : `${countText(rows.length)} of ${countText(known.rows.size)}`}
        </p>
      </div>
      <Grid
        label={label}
        look={look}
        rows={rows}
        columns={columns}
        openUid={openUid}
        onOpen={onOpen}
        empty={text === '' ? children : <Empty title={`No ${label} are like that`}>Take the filter back.</Empty>}
      />
    </>
  );
}

const keyOf = ({ name, namespace }: NamedRow): string => `${name}/${namespace}`;
const fieldsOf = (row: NamedRow): readonly string[] => [row.name, row.namespace, row.state];

function nameColumn<T extends NamedRow>(isEverywhere: boolean): Column<T> {
  return {
    title: 'Name',
    look: 'cell-name',
    cell: ({ name, namespace }) => (
      <span class="name">
        {isEverywhere && <span class="name-space">{namespace}/</span>}
        {name}
      </span>
    ),
  };
}

function ageColumn<T extends NamedRow>(now: number): Column<T> {
  return { title: 'Age', look: 'cell-age', cell: ({ created }) => ageText(now - Date.parse(created)) };
}

/** How many of the VMs are busy. */
function Load({ busy, slots }: { readonly busy: number; readonly slots: number }) {
  const share = slots === 0 ? 0 : Math.min(1, busy / slots);
  return (
    <span class="load">
      <span class="load-bar" aria-hidden="true">
        <span class={share >= 0.9 ? 'load-fill load-full' : 'load-fill'} style={{ width: `${share * 100}%` }} />
      </span>
      {busy}/{slots}
    </span>
  );
}
