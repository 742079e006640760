import type { State } from '../list/model.ts';
import { Icon } from './icon.tsx';
import { Text } from './text.tsx';

export const STATE_NAMES: Readonly<Record<State, string>> = {
  running: 'Running',
  waiting: 'Waiting',
  suspended: 'Suspended',
  succeeded: 'Succeeded',
  failed: 'Failed',
};

/** The state of an execution, and its reason where that says more. */
export function StateBadge({ state, reason }: { readonly state: State; readonly reason: string }) {
  const name = STATE_NAMES[state];
  const says = reason === name || reason === 'Completed' || reason === '' ? name : reason;
  return (
    <span class={`state state-${state}`}>
      <Icon name={state} />
      <span class="state-text">
        <Text of={says} />
      </span>
    </span>
  );
}

/** Whether an object of another kind is as it should be. */
export function Wellness({ state, isWell, isPaused = false }: { state: string; isWell: boolean; isPaused?: boolean }) {
  const look = isPaused
    ? 'suspended'
    : isWell
      ? 'succeeded'
      : state === 'Pending' || state === 'Unknown'
        ? 'waiting'
        : 'failed';
  return (
    <span class={`state state-${look}`}>
      <Icon name={look} />
      <span class="state-text">
        <Text of={isPaused ? 'Suspended' : state} />
      </span>
    </span>
  );
}
