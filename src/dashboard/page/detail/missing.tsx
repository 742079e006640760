import type { Failure } from '../../messages.ts';
import { Empty, FailureNote } from '../parts/message.tsx';
import { Panel } from './panel.tsx';

interface MissingProps {
  readonly what: string;
  readonly namespace: string;
  readonly name: string;
  readonly isComplete: boolean;
  readonly failure: Failure | undefined;
  readonly onClose: () => void;
}

/** An object that is not there, or not yet. */
export function Missing({ what, namespace, name, isComplete, failure, onClose }: MissingProps) {
  const isGone = isComplete && (failure === undefined || failure.code === 404);
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
