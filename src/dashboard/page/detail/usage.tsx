import { parseDuration } from '../../../api/duration.ts';
import { parseBytes } from '../../../api/quantity.ts';
import type { ExecutionUsage, ScriptExecution, ScriptRuntime } from '../../../api/types.generated.ts';
import { bytesText, countText, durationText } from '../format.ts';
import { Section } from '../parts/section.tsx';

/** Something that was used, and how much of it there was. */
interface Used {
  readonly name: string;
  readonly used: number;
  readonly limit: number | undefined;
  readonly show: (value: number) => string;
}

interface UsageProps {
  readonly execution: ScriptExecution;
  /** With the limits that the execution does not have of its own; undefined if it cannot be read. */
  readonly runtime: ScriptRuntime | undefined;
}

/** What the script has used of what it may use. */
export function Usage({ execution, runtime }: UsageProps) {
  const { usage } = execution.status;
  if (usage === undefined) return null;
  return (
    <Section title="Usage">
      <ul class="usage">
        {usedOf(usage, { ...runtime?.spec.limits, ...execution.spec.limits }).map(({ name, used, limit, show }) => {
          const share = limit === undefined || limit === 0 ? 0 : Math.min(1, used / limit);
          return (
            <li key={name} class="used">
              <span class="used-name">{name}</span>
              <span class="used-value">{show(used)}</span>
              <span class="used-limit">{limit === undefined ? '' : `of ${show(limit)}`}</span>
              {limit !== undefined && (
                <span class="meter" aria-hidden="true">
                  <span
                    class={share >= 0.9 ? 'meter-fill meter-full' : 'meter-fill'}
                    style={{ width: `${Math.max(share * 100, used > 0 ? 1 : 0)}%` }}
                  />
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function usedOf(usage: ExecutionUsage, limits: NonNullable<ScriptExecution['spec']['limits']>): Used[] {
  const all: (Omit<Used, 'used'> & { readonly used: number | undefined })[] = [
    {
      name: 'Wall time',
      used: usage.wallMilliseconds,
      limit: optional(limits.timeout, parseDuration),
      show: durationText,
    },
    {
      name: 'CPU time',
      used: usage.cpuMilliseconds,
      limit: optional(limits.cpuTime, parseDuration),
      show: durationText,
    },
    { name: 'Peak heap', used: usage.peakHeapBytes, limit: optional(limits.memory, parseBytes), show: bytesText },
    { name: 'Calls', used: usage.apiCalls, limit: limits.apiCalls, show: countText },
    { name: 'Fetches', used: usage.fetches, limit: undefined, show: countText },
    {
      name: 'Fetched',
      used: sum(usage.fetchBytesSent, usage.fetchBytesReceived),
      limit: optional(limits.fetchBytes, parseBytes),
      show: bytesText,
    },
  ];
  return all.filter((each): each is Used => each.used !== undefined);
}

const optional = <T,>(value: T | undefined, parse: (value: T) => number): number | undefined =>
  value === undefined ? undefined : parse(value);

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
}
