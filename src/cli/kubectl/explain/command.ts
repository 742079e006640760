import { terminalText } from '../../../api/text.ts';
import type { ScriptExecution } from '../../../api/types.generated.ts';
import { EXIT } from '../../exit-code.ts';
import { documentText } from '../../output/list.ts';
import { type Style, terminalStyle } from '../../output/style.ts';
import { type ClusterOptions, withCluster } from '../cluster.ts';
import { findExecution } from '../find-execution.ts';
import { inlineScript, outcomeText } from '../outcome-text.ts';
import { explain } from './decide.ts';
import { gather } from './gather.ts';
import type { Explanation } from './situation.ts';

export interface ExplainOptions extends ClusterOptions {
  readonly output: 'text' | 'json' | 'yaml';
}

/** `kubectl copepod explain`: why an execution waits, or how it ended. Returns the exit code. */
export async function explainCommand(name: string, options: ExplainOptions): Promise<number> {
  return await withCluster(options, async (cluster) => {
    const execution = await findExecution(cluster, name);
    const explanation = explain(await gather(cluster, execution));
    const { namespace } = cluster;
    const object = { name: execution.metadata.name, namespace, ...explanation };
    const text =
      options.output === 'text'
        ? explanationText(execution, explanation, terminalStyle(process.stdout))
        : documentText(object, options.output);
    process.stdout.write(text);
    return EXIT.ok;
  });
}

/** The answer for people. Pure. */
export function explanationText(
  execution: ScriptExecution,
  { state, reason, message, advice }: Explanation,
  style: Style,
): string {
  const { bold, green, red, yellow, cyan } = style;
  const colour = { succeeded: green, failed: red, waiting: yellow, running: (text: string) => text }[state];
  const verb = { succeeded: 'succeeded', failed: 'failed', waiting: 'waits', running: 'runs' }[state];
  const lines = [
    `${bold(execution.metadata.name)} ${colour(verb)}: ${bold(terminalText(reason))}`,
    `  ${terminalText(message)}`,
    ...(advice === undefined ? [] : [`  ${cyan('→')} ${terminalText(advice)}`]),
  ];
  const frame = state === 'failed' && execution.status.error?.line !== undefined ? frameOf(execution, style) : '';
  return `${lines.join('\n')}\n${frame}`;
}

const frameOf = (execution: ScriptExecution, style: Style): string =>
  outcomeText(execution, inlineScript(execution), style);
