import type { Condition } from '../../../api/types.generated.ts';
import { timeText } from '../format.ts';
import { Section } from '../parts/section.tsx';
import { Text } from '../parts/text.tsx';

/** The conditions of an object. */
export function Conditions({ of = [] }: { readonly of: readonly Condition[] | undefined }) {
  return (
    <Section title="Conditions">
      {of.length === 0 ? (
        <p class="quiet">The operator has not seen it yet.</p>
      ) : (
        <ul class="conditions">
          {of.map(({ type, status, reason, message, lastTransitionTime }) => (
            <li key={type} class="condition">
              <span class="condition-type">
                <Text of={type} />
              </span>
              <span class={`condition-status condition-${status.toLowerCase()}`}>{status}</span>
              <span class="condition-reason">
                <Text of={reason} />
              </span>
              <time class="quiet" dateTime={lastTransitionTime}>
                {timeText(lastTransitionTime)}
              </time>
              {message !== '' && (
                <p class="condition-message">
                  <Text of={message} multiline />
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
