import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Access, Action, ActionRequest, ExecutionRow, Failure, ScheduleRow } from '../../messages.ts';
import { post, RequestFailed } from '../api.ts';
import { FailureNote } from '../parts/message.tsx';
import { useRequest } from '../use-request.ts';

/** Something that a viewer can do to an object. */
interface Deed {
  readonly action: Action;
  readonly title: string;
  /** What is asked before it is done; undefined: it can be taken back as easily. */
  readonly question?: { readonly text: string; readonly no: string };
  /** Said when the cluster has taken it. */
  readonly said: string;
}

const CANCEL: Deed = {
  action: 'cancel',
  title: 'Cancel',
  question: { text: 'What runs is ended at once, and what waits never starts. It can be run again.', no: 'Keep it' },
  said: 'It is being cancelled.',
};
const RERUN: Deed = {
  action: 'rerun',
  title: 'Run again',
  question: {
    text: 'The script is run once more, with all that it does. The outcome that is there is replaced.',
    no: 'Leave it',
  },
  said: 'It is run again.',
};
const SUSPEND: Deed = { action: 'suspend', title: 'Suspend', said: 'It is suspended.' };
const RESUME: Deed = { action: 'resume', title: 'Resume', said: 'It goes on.' };

interface ExecutionActionsProps {
  readonly row: ExecutionRow;
  /** Whether `spec.cancel` is set. */
  readonly isCancelled: boolean;
}

/** What can be done to an execution in its state. */
export function ExecutionActions({ row, isCancelled }: ExecutionActionsProps) {
  const { state } = row;
  const hasEnded = state === 'succeeded' || state === 'failed';
  const cancel = isCancelled ? [] : [CANCEL];
  const deeds = hasEnded
    ? [RERUN]
    : [...cancel, ...(state === 'suspended' ? [RESUME] : state === 'waiting' ? [SUSPEND] : [])];
  return <Actions of={row} deeds={deeds} may={(access) => access.changeExecutions} />;
}

/** What can be done to a schedule. */
export function ScheduleActions({ row }: { readonly row: ScheduleRow }) {
  return <Actions of={row} deeds={[row.isSuspended ? RESUME : SUSPEND]} may={(access) => access.changeSchedules} />;
}

interface ActionsProps {
  readonly of: ExecutionRow | ScheduleRow;
  readonly deeds: readonly Deed[];
  /** Whether the viewer may, according to a review; what happens is decided by the API server. */
  readonly may: (access: Access) => boolean;
}

function Actions({ of, deeds, may }: ActionsProps) {
  const { value: access } = useRequest<Access>(`/api/access?namespace=${of.namespace}`);
  const [asked, setAsked] = useState<Deed>();
  const [said, setSaid] = useState('');
  const [failure, setFailure] = useState<Failure>();
  const isAllowed = access !== undefined && may(access);

  const act = async ({ action, said: says }: Deed): Promise<void> => {
    setAsked(undefined);
    setFailure(undefined);
    setSaid('');
    const { kind, namespace, name, uid } = of;
    try {
      await post('/api/actions', { action, kind, namespace, name, uid } satisfies ActionRequest);
      setSaid(says);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      setFailure(error.failure);
    }
  };
  const why = access !== undefined && !isAllowed ? 'You may not: the role copepod-edit allows it' : undefined;
  return (
    <>
      {deeds.map((deed) => (
        <button
          key={deed.action}
          type="button"
          class={deed.action === 'cancel' ? 'button button-bad' : 'button'}
          disabled={!isAllowed}
          title={why}
          onClick={() => (deed.question === undefined ? void act(deed) : setAsked(deed))}
        >
          {deed.title}
        </button>
      ))}
      <p class="said" role="status">
        {said}
      </p>
      {failure !== undefined && <FailureNote failure={failure} title="It was not done" />}
      {asked?.question !== undefined && (
        <Question deed={asked} name={of.name} onYes={() => void act(asked)} onNo={() => setAsked(undefined)} />
      )}
    </>
  );
}

interface QuestionProps {
  readonly deed: Deed;
  readonly name: string;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

/** Asks before something is done that cannot be taken back. */
function Question({ deed, name, onYes, onNo }: QuestionProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="dialog" ref={dialog} aria-labelledby={id} onCancel={onNo}>
      <h2 id={id}>
        {deed.title}: {name}?
      </h2>
      <p>{deed.question?.text}</p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={onNo}>
          {deed.question?.no}
        </button>
        <button
          type="button"
          class={deed.action === 'cancel' ? 'button button-bad' : 'button button-main'}
          onClick={onYes}
        >
          {deed.title}
        </button>
      </div>
    </dialog>
  );
}
