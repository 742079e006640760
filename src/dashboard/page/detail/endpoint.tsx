import type { ScriptEndpoint } from '../../../api/types.generated.ts';
import { countText } from '../format.ts';
import { type Fact, Facts } from '../parts/facts.tsx';
import { Section } from '../parts/section.tsx';
import { Wellness } from '../parts/state.tsx';
import { Source } from '../source/source.tsx';
import { Conditions } from './conditions.tsx';
import type { DetailProps } from './detail-props.ts';
import { Missing } from './missing.tsx';
import { Panel } from './panel.tsx';
import { useObject } from './use-object.ts';

/** One endpoint. */
export function Endpoint(props: DetailProps<'endpoints'>) {
  const { row, namespace, name, onClose, linkTo } = props;
  const { value: endpoint, failure } = useObject<ScriptEndpoint>('endpoints', props);
  if (row === undefined || endpoint === undefined) {
    return <Missing {...props} what="Endpoint" failure={failure} />;
  }
  const { spec, status } = endpoint;
  const facts: readonly Fact[] = [
    ['URL', status.url],
    ['Hostnames', spec.hostnames?.join(', ')],
    ['Path', spec.path],
    ['Methods', spec.methods?.join(', ') ?? 'all'],
    ['Auth', spec.auth.type],
    ['Runtime', <a href={linkTo('runtimes', spec.runtimeRef.name)}>{spec.runtimeRef.name}</a>],
    ['Reuse', spec.reuse],
    ['Record', spec.record],
    ['Concurrency', spec.concurrency === undefined ? undefined : countText(spec.concurrency)],
  ];
  return (
    <Panel
      what="Endpoint"
      namespace={namespace}
      name={name}
      badge={<Wellness state={row.state} isWell={row.isWell} />}
      onClose={onClose}
    >
      <Section title="Requests">
        <Facts of={facts} />
      </Section>
      <Source
        kind="endpoints"
        namespace={namespace}
        name={name}
        version={String(endpoint.metadata.generation)}
        language={spec.language}
      />
      <Conditions of={status.conditions} />
    </Panel>
  );
}
