import type { Failure, Kind } from '../../messages.ts';
import { Empty, FailureNote } from '../parts/message.tsx';
import type { DetailProps } from './detail-props.ts';
import { Panel } from './panel.tsx';

interface MissingProps extends DetailProps<Kind> {
  readonly what: string;
  readonly failure: Failure | undefined;
}

/** An object that is not there, or not yet. */
export function Missing({ what, row, namespace, name, isComplete, failure, onClose }: MissingProps) {
  const isGone = isComplete && row === undefined && (failure === undefined || failure.code === 404);
  return (
    <Panel what={what} namespace={namespace} name={name} badge={null} onClose={onClose}>
      {isGone ? (
        <Empty title="It does not exist">It may have been deleted, by its TTL or a history limit.</Empty>
      ) : failure !== undefined ? (
        <FailureNote failure={failure} title="It cannot be read" />
      ) : (
        <p class="quiet">Reading…</p>
      )}
    </Panel>
  );
}
