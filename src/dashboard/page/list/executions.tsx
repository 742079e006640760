import { useMemo, useState } from 'preact/hooks';
import type { ExecutionRow } from '../../messages.ts';
import { ageText, countText, durationText } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { Empty } from '../parts/message.tsx';
import { STATE_NAMES, StateBadge } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import { type Column, Grid } from './grid.tsx';
import type { ListProps } from './list-props.ts';
import { countStates, EVERYTHING, type SortKey, STATES, type State, shown, type View } from './model.ts';
import { SearchField } from './search-field.tsx';

/** The executions: filtered, sorted, live. */
export function Executions({ known, now, isEverywhere, openUid, onOpen }: ListProps<'executions'>) {
  const [view, setView] = useState<View>(EVERYTHING);
  const { rows } = known;
  const all = useMemo(() => [...rows.values()], [rows, known]);
  const counts = useMemo(() => countStates(all), [all]);
  const list = useMemo(() => shown(all, view), [all, view]);

  const toggle = (state: State): void => {
    const states = new Set(view.states);
    if (!states.delete(state)) states.add(state);
    setView({ ...view, states });
  };
  const sortBy = (sort: SortKey): NonNullable<Column<ExecutionRow>['sort']> => ({
    direction: view.sort === sort ? (view.isReversed ? 'descending' : 'ascending') : undefined,
    choose: () => {
      if (view.sort !== sort) setView({ ...view, sort, isReversed: false });
      else if (!view.isReversed) setView({ ...view, isReversed: true });
      else setView({ ...view, sort: 'activity', isReversed: false });
    },
  });
  const columns: readonly Column<ExecutionRow>[] = [
    { title: 'State', look: 'cell-state', cell: ({ state, reason }) => <StateBadge state={state} reason={reason} /> },
    {
      title: 'Name',
      look: 'cell-name',
      sort: sortBy('name'),
      cell: ({ name, namespace, error }) => (
        <>
          <span class="name">
            {isEverywhere && <span class="name-space">{namespace}/</span>}
            {name}
          </span>
          {error !== undefined && (
            <span class="aside aside-bad">
              <Text of={error} />
            </span>
          )}
        </>
      ),
    },
    { title: 'Runtime', look: 'cell-runtime', sort: sortBy('runtime'), cell: ({ runtime }) => runtime },
    { title: 'Tenant', look: 'cell-tenant', sort: sortBy('tenant'), cell: ({ tenant }) => <Text of={tenant} /> },
    { title: 'Time', look: 'cell-time', cell: (row) => timeOf(row, now) },
    {
      title: 'Age',
      look: 'cell-age',
      sort: sortBy('age'),
      cell: ({ created }) => ageText(now - Date.parse(created)),
    },
  ];
  const isFiltered = view.text !== '' || view.states.size > 0;
  return (
    <>
      <div class="filters">
        <SearchField label="Filter executions" value={view.text} onChange={(text) => setView({ ...view, text })} />
        <fieldset class="chips">
          <legend class="hidden">States</legend>
          {STATES.map((state) => (
            <button
              key={state}
              type="button"
              class={`chip chip-${state}`}
              aria-pressed={view.states.has(state)}
              onClick={() => toggle(state)}
            >
              <Icon name={state} />
              <span>{STATE_NAMES[state]}</span>
              <span class="chip-count">{countText(counts[state])}</span>
            </button>
          ))}
        </fieldset>
        <p class="total" role="status">
          {isFiltered ? `${countText(list.length)} of ${countText(all.length)}` : countText(all.length)}
        </p>
      </div>
      <Grid
        label="Executions"
        look="grid-executions"
        rows={list}
        columns={columns}
        openUid={openUid}
        onOpen={onOpen}
        empty={
          isFiltered ? (
            <Empty title="No execution is like that">Take some of the filter back.</Empty>
          ) : (
            <Empty title="No executions">
              <code>kubectl copepod run hello.js</code> starts one; it appears here by itself.
            </Empty>
          )
        }
      />
    </>
  );
}

function timeOf({ state, wallMs, since }: ExecutionRow, now: number): string {
  if (state === 'running' || state === 'waiting') return ageText(now - Date.parse(since));
  return wallMs === undefined ? '–' : durationText(wallMs);
}
