import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

interface VirtualRowsProps<T> {
  readonly rows: readonly T[];
  /** Pixels; all rows have one height. */
  readonly rowHeight: number;
  /** Pixels above the first row, which stay in view. */
  readonly headerHeight?: number;
  /** The element that scrolls. */
  readonly scroller: RefObject<HTMLElement | null>;
  readonly keyOf: (row: T, index: number) => string | number;
  readonly children: (row: T, index: number) => ComponentChildren;
}

/** Rows above and below those in view that are there already. */
const OVERSCAN = 8;

/** A list of any length: only rows in view are in the document. */
export function VirtualRows<T>({ rows, rowHeight, scroller, keyOf, children, headerHeight = 0 }: VirtualRowsProps<T>) {
  const [{ top, height }, setView] = useState({ top: 0, height: 800 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const measure = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [scroller]);
  const first = Math.max(0, Math.floor(top / rowHeight) - OVERSCAN);
  const last = Math.min(rows.length, Math.ceil((top + height - headerHeight) / rowHeight) + OVERSCAN);
  return (
    <div class="virtual" role="presentation" style={{ height: `${rows.length * rowHeight}px` }}>
      {rows.slice(first, last).map((row, at) => {
        const index = first + at;
        return (
          <div
            class="virtual-row"
            role="presentation"
            key={keyOf(row, index)}
            style={{ top: `${index * rowHeight}px`, height: `${rowHeight}px` }}
          >
            {children(row, index)}
          </div>
        );
      })}
    </div>
  );
}

/** Scrolls so that a row is in view. */
export function reveal(element: HTMLElement, index: number, rowHeight: number, headerHeight: number): void {
  const top = index * rowHeight;
  const room = element.clientHeight - headerHeight;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + rowHeight > element.scrollTop + room) element.scrollTop = top + rowHeight - room;
}
