import type { ScriptExecution, ScriptRuntime } from '../../../api/types.generated.ts';
import { Facts } from '../parts/facts.tsx';
import { Icon } from '../parts/icon.tsx';
import { JsonBlock } from '../parts/json-block.tsx';
import { Section } from '../parts/section.tsx';
import { StateBadge } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import { Source } from '../source/source.tsx';
import { useRequest } from '../use-request.ts';
import { ExecutionActions } from './actions.tsx';
import { Conditions } from './conditions.tsx';
import type { DetailProps } from './detail-props.ts';
import { Logs } from './logs.tsx';
import { Missing } from './missing.tsx';
import { Panel } from './panel.tsx';
import { Timeline } from './timeline-list.tsx';
import { Usage } from './usage.tsx';
import { useObject } from './use-object.ts';

/** One execution. */
export function Execution(props: DetailProps<'executions'>) {
  const { row, namespace, name, onClose, linkTo } = props;
  const { value: execution, failure } = useObject<ScriptExecution>('executions', props);
  const runtimeName = execution?.spec.runtimeRef.name;
  const runtimePath = runtimeName === undefined ? undefined : `/api/objects/runtimes/${namespace}/${runtimeName}`;
  const { value: runtime } = useRequest<ScriptRuntime>(runtimePath);
  if (row === undefined || execution === undefined) {
    return <Missing {...props} what="Execution" failure={failure} />;
  }
  const { spec, status } = execution;
  const { error } = status;
  return (
    <Panel
      what="Execution"
      namespace={namespace}
      name={name}
      badge={<StateBadge state={row.state} reason={row.reason} />}
      actions={<ExecutionActions row={row} isCancelled={spec.cancel} />}
      onClose={onClose}
    >
      {error !== undefined && <ErrorBanner error={error} />}
      <Source
        kind="executions"
        namespace={namespace}
        name={name}
        version={`${execution.metadata.generation} ${status.sourceDigest}`}
        language={spec.language}
        error={error}
      />
      <Logs execution={execution} isRunning={row.state === 'running'} />
      {status.result !== undefined && (
        <Section title="Result">
          <JsonBlock value={status.result} label="Result" />
        </Section>
      )}
      <Usage execution={execution} runtime={runtime} />
      <Timeline of={execution} />
      <Conditions of={status.conditions} />
      <Section title="What it is given">
        <Facts
          of={[
            ['Runtime', <a href={linkTo('runtimes', spec.runtimeRef.name)}>{spec.runtimeRef.name}</a>],
            ['Tenant', row.tenant],
            ['Schedule', row.schedule && <a href={linkTo('schedules', row.schedule)}>{row.schedule}</a>],
            ['Created by', spec.context?.execution?.createdBy],
            ['Trace', spec.context?.traceparent],
            ['Priority', spec.priority === 0 ? undefined : String(spec.priority)],
            ['Retries', spec.backoffLimit === 0 ? undefined : `up to ${spec.backoffLimit}`],
            ['Pod', status.claim?.podName],
            ['Run', status.run === undefined ? undefined : String(status.run)],
            ['Attempts', status.attempts === undefined ? undefined : String(status.attempts)],
          ]}
        />
        {spec.params !== undefined && Object.keys(Object(spec.params)).length > 0 && (
          <>
            <h4>params</h4>
            <JsonBlock value={spec.params} label="Params" />
          </>
        )}
      </Section>
    </Panel>
  );
}

function ErrorBanner({ error }: { readonly error: NonNullable<ScriptExecution['status']['error']> }) {
  const { type, message, file, line, column } = error;
  const place = line === undefined ? '' : `${file ?? 'script'}:${line}${column === undefined ? '' : `:${column}`}`;
  return (
    <div class="error">
      <Icon name="failed" />
      <div class="error-text">
        <p class="error-type">
          {type}
          {place !== '' && (
            <span class="error-place">
              <Text of={place} />
            </span>
          )}
        </p>
        <p class="error-message">
          <Text of={message} multiline />
        </p>
      </div>
    </div>
  );
}
