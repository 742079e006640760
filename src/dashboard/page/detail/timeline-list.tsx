import type { ScriptExecution } from '../../../api/types.generated.ts';
import { timeText } from '../format.ts';
import { Section } from '../parts/section.tsx';
import { Text } from '../parts/text.tsx';
import { timelineOf } from './timeline.ts';

/** What happened to an execution. */
export function Timeline({ of }: { readonly of: ScriptExecution }) {
  return (
    <Section title="Timeline">
      <ol class="timeline">
        {timelineOf(of).map(({ time, title, detail, tone }) => (
          <li key={`${title} ${time}`} class={`event event-${tone}`}>
            <time class="event-time" dateTime={time}>
              {timeText(time)}
            </time>
            <span class="event-title">
              <Text of={title} />
            </span>
            {detail !== '' && (
              <span class="event-detail">
                <Text of={detail} />
              </span>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}
