import type { RuntimeRow } from '../../messages.ts';
import { countText } from '../format.ts';
import { Empty } from '../parts/message.tsx';
import { Wellness } from '../parts/state.tsx';
import type { Column } from './grid.tsx';
import type { ListProps } from './list-props.ts';
import { ageColumn, fieldsOf, NamedList, nameColumn } from './named-list.tsx';

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
