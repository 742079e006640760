import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ExecutionLogLine, ScriptExecution } from '../../../api/types.generated.ts';
import type { LogMessage } from '../../messages.ts';
import { lines as readLines } from '../api.ts';
import { clockText } from '../format.ts';
import { Section } from '../parts/section.tsx';
import { Text } from '../parts/text.tsx';

/** Most lines that are kept of a script that runs and logs. */
const MAX_LINES = 2000;

interface LogsProps {
  readonly execution: ScriptExecution;
  readonly isRunning: boolean;
}

/** What a script has logged: while it runs as it comes, then what its status has kept. */
export function Logs({ execution, isRunning }: LogsProps) {
  const { namespace, name, uid } = execution.metadata;
  const { claim, run, logs } = execution.status;
  const [live, setLive] = useState<readonly ExecutionLogLine[]>([]);
  const [isForbidden, setForbidden] = useState(false);
  const attempt = `${uid} ${run} ${claim?.attempt}`;
  useEffect(() => {
    setLive([]);
    setForbidden(false);
    if (!isRunning) return undefined;
    const controller = new AbortController();
    void (async () => {
      try {
        for await (const some of readLines<LogMessage>(`/api/logs/${namespace}/${name}`, controller.signal)) {
          if (some.some((message) => 'forbidden' in message)) setForbidden(true);
          const more = some.filter((message): message is ExecutionLogLine => !('forbidden' in message));
          setLive((before) => [...before, ...more].slice(-MAX_LINES));
        }
      } catch {
        // The lines come with the outcome.
      }
    })();
    return () => controller.abort();
  }, [namespace, name, attempt, isRunning]);
  const shown = isRunning ? live : (logs ?? []);
  const aside = isRunning ? (isForbidden ? 'after the end: you may not read logs of pods' : 'live') : undefined;
  return (
    <Section title="Log" aside={aside}>
      {shown.length === 0 ? (
        <p class="quiet">
          {isRunning
            ? 'Nothing so far.'
            : execution.status.completionTime
              ? 'Nothing was logged.'
              : 'It has not started.'}
        </p>
      ) : (
        <LogLines lines={shown} isLive={isRunning} />
      )}
    </Section>
  );
}

function LogLines({ lines, isLive }: { readonly lines: readonly ExecutionLogLine[]; readonly isLive: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    if (isLive && isAtEnd.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, isLive]);
  return (
    <div
      class="block logs"
      role="region"
      aria-label="Log lines"
      tabIndex={0}
      ref={box}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
    >
      {lines.map(({ time, level, message }, index) => (
        <div key={index} class={`log log-${level}`}>
          <time class="log-time" dateTime={time}>
            {clockText(time)}
          </time>
          <span class="log-level">{level}</span>
          <span class="log-text">
            <Text of={message} multiline />
          </span>
        </div>
      ))}
    </div>
  );
}
