import type { EndpointRow } from '../../messages.ts';
import { Empty } from '../parts/message.tsx';
import { Wellness } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import type { Column } from './grid.tsx';
import type { ListProps } from './list-props.ts';
import { ageColumn, fieldsOf, NamedList, nameColumn } from './named-list.tsx';

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
