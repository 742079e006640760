import { KINDS, type Kind } from '../messages.ts';
import { countText } from './format.ts';
import { fragmentOf } from './route.ts';
import type { Store } from './store.ts';

const TITLES: Readonly<Record<Kind, string>> = {
  executions: 'Executions',
  runtimes: 'Runtimes',
  schedules: 'Schedules',
  endpoints: 'Endpoints',
};

/** The kinds, and how many there are of each. */
export function Tabs({ store, scope, kind }: { readonly store: Store; readonly scope: string; readonly kind: Kind }) {
  return (
    <nav class="tabs" aria-label="Kinds">
      {KINDS.map((each) => {
        const { rows, isComplete } = store.of(each);
        return (
          <a
            key={each}
            class="tab"
            href={fragmentOf({ scope, kind: each, open: undefined })}
            aria-current={each === kind ? 'page' : undefined}
          >
            {TITLES[each]}
            <span class="tab-count">{isComplete || rows.size > 0 ? countText(rows.size) : ''}</span>
          </a>
        );
      })}
    </nav>
  );
}
