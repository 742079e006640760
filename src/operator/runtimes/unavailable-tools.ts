import { advised } from './advice.ts';
import type { RuntimeSituation } from './situation.ts';

/** The condition ToolsUnavailable; undefined if each pod has loaded all tools. What a pod says of tools that the runtime no longer has is left out. Pure. */
export function toolsUnavailable({ runtime: { spec }, tools }: RuntimeSituation) {
  const said = (spec.tools ?? []).flatMap(({ name }) => {
    const problems = tools.flatMap((pod) => pod.filter((problem) => problem.name === name).slice(0, 1));
    const [first] = problems;
    if (first === undefined) return [];
    const where = problems.length === tools.length ? '' : ` (on ${problems.length} of ${tools.length} pods)`;
    return [`${name}: ${first.message}${where}`];
  });
  if (said.length === 0) return undefined;
  const advice = 'Calls of their functions fail, unless they were loaded before. The pods try again every 15 s.';
  return { reason: 'LoadingFailed', message: advised(said.join('; '), advice) };
}
