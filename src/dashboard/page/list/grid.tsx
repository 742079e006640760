import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AnyRow } from '../../messages.ts';
import { reveal, VirtualRows } from '../parts/virtual-rows.tsx';
import { useIsNarrow } from '../use-is-narrow.ts';

/** A column of a list. */
export interface Column<T> {
  readonly title: string;
  readonly look: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Sorts by it. */
  readonly sort?: { readonly direction: 'ascending' | 'descending' | undefined; readonly choose: () => void };
}

interface GridProps<T extends AnyRow> {
  readonly label: string;
  /** CSS class that has the widths of the columns. */
  readonly look: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  /** Uid of the object that is open. */
  readonly openUid: string | undefined;
  readonly onOpen: (row: T) => void;
  readonly empty: ComponentChildren;
}

const ROW_HEIGHT = 44;
const NARROW_ROW_HEIGHT = 64;
const HEADER_HEIGHT = 34;

/** A list of objects: with the arrow keys, Page Up and Down, Home and End a row is chosen, with Enter it is opened. */
export function Grid<T extends AnyRow>({ label, look, rows, columns, openUid, onOpen, empty }: GridProps<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [activeUid, setActive] = useState<string>();
  const isNarrow = useIsNarrow();
  const rowHeight = isNarrow ? NARROW_ROW_HEIGHT : ROW_HEIGHT;
  const headerHeight = isNarrow ? 0 : HEADER_HEIGHT;
  useEffect(() => {
    if (openUid !== undefined) setActive(openUid);
  }, [openUid]);
  const active = rows.findIndex(({ uid }) => uid === activeUid);

  const move = (to: number): void => {
    const index = Math.max(0, Math.min(rows.length - 1, to));
    const row = rows[index];
    if (row === undefined || scroller.current === null) return;
    setActive(row.uid);
    reveal(scroller.current, index, rowHeight, headerHeight);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== scroller.current || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      j: active + 1,
      ArrowUp: active < 0 ? 0 : active - 1,
      k: active < 0 ? 0 : active - 1,
      PageDown: Math.max(0, active) + page,
      PageUp: active - page,
      Home: 0,
      End: rows.length - 1,
    };
    const to = steps[event.key];
    const row = rows[active];
    if (to !== undefined) move(to);
    else if (event.key === 'Enter' && row !== undefined) onOpen(row);
    else return;
    event.preventDefault();
  };

  return (
    <div
      class={`grid ${look}`}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={active < 0 ? undefined : rowId(rows[active] as T)}
      tabIndex={0}
      ref={scroller}
      onKeyDown={onKeyDown}
    >
      <div class="grid-head" role="rowgroup">
        <div class="grid-row" role="row" aria-rowindex={1}>
          {columns.map(({ title, look: cellLook, sort }) => (
            <div key={title} class={`cell ${cellLook}`} role="columnheader" aria-sort={sort?.direction}>
              {sort === undefined ? (
                title
              ) : (
                <button type="button" class="sort" onClick={sort.choose}>
                  {title}
                  <span class="sort-mark" aria-hidden="true">
                    {sort.direction === undefined ? '' : sort.direction === 'ascending' ? '↑' : '↓'}
                  </span>
                </button>
              )}
            </div>
          ))}
        </div>
      </div>
      {rows.length === 0 ? (
        <div role="rowgroup">
          <div role="row">
            <div role="gridcell">{empty}</div>
          </div>
        </div>
      ) : (
        <div role="rowgroup">
          <VirtualRows
            rows={rows}
            rowHeight={rowHeight}
            headerHeight={headerHeight}
            scroller={scroller}
            keyOf={({ uid }) => uid}
          >
            {(row, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus, and opens its active row with Enter
              <div
                id={rowId(row)}
                class="grid-row"
                role="row"
                tabIndex={-1}
                aria-rowindex={index + 2}
                aria-selected={row.uid === openUid}
                data-active={index === active}
                onClick={() => {
                  setActive(row.uid);
                  onOpen(row);
                }}
              >
                {columns.map(({ title, look: cellLook, cell }) => (
                  <div key={title} class={`cell ${cellLook}`} role="gridcell">
                    {cell(row)}
                  </div>
                ))}
              </div>
            )}
          </VirtualRows>
        </div>
      )}
    </div>
  );
}

const rowId = ({ uid }: AnyRow): string => `row-${uid}`;
