import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { EndpointRow, RuntimeRow, ScheduleRow } from '../../messages.ts';
import { ageText, countText } from '../format.ts';
import { Empty } from '../parts/message.tsx';
import { type Column, Grid } from './grid.tsx';
import type { ListProps } from './list-props.ts';
import { matching } from './model.ts';
import { SearchField } from './search-field.tsx';

export type NamedRow = RuntimeRow | ScheduleRow | EndpointRow;

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
export function NamedList<T extends NamedRow>(props: NamedListProps<T>) {
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
/** What the filter looks at. */
export const fieldsOf = (row: NamedRow): readonly string[] => [row.name, row.namespace, row.state];

export function nameColumn<T extends NamedRow>(isEverywhere: boolean): Column<T> {
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

export function ageColumn<T extends NamedRow>(now: number): Column<T> {
  return { title: 'Age', look: 'cell-age', cell: ({ created }) => ageText(now - Date.parse(created)) };
}
