import type { ScriptEndpoint } from '../../src/api/types.generated.ts';
import { type EndpointSituation, endpointConditions } from '../../src/operator/endpoints/endpoint-conditions.ts';
import { madeEndpoint } from '../support/endpoint.ts';
import { endpointSituation } from '../unit/operator/endpoints/situation.ts';
import { describeStates, SAYS, type State } from './support/states.ts';

/** An endpoint with the status that the operator writes. */
function told(changes: Partial<EndpointSituation> = {}): ScriptEndpoint {
  const now = new Date('2026-11-30T10:00:30Z');
  const conditions = endpointConditions(endpointSituation(changes), { generation: 1, now, previous: undefined });
  return madeEndpoint({}, {}, { observedGeneration: 1, conditions, url: 'http://copepod.example/acme/shop' });
}

const STATES: readonly State[] = [
  ['new', madeEndpoint(), SAYS.MOVES],
  ['its script is being compiled', told({ compilation: undefined }), SAYS.MOVES],
  ['served', told(), SAYS.DONE],
  ['at zero pods', told({ servingPods: 0, isAtZero: true }), SAYS.DONE],
  ['its runtime has no pods', told({ servingPods: 0 }), SAYS.MOVES],
  ['no runtime', told({ hasRuntime: false }), SAYS.MOVES],
  ['no source', told({ missingSource: 'ConfigMap "a" was not found.' }), SAYS.MOVES],
  ['a script that does not compile', told({ compilation: { error: { message: 'no' } } }), SAYS.FAILED],
  ['a hostname that is taken', told({ conflicts: [{ hostname: 'a.example', other: 'b/c' }] }), SAYS.FAILED],
  ['refused by its runtime', told({ refusal: { reason: 'LimitsRefused', message: 'too much.' } }), SAYS.FAILED],
];

describeStates(STATES);
