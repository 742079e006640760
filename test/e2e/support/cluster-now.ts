import { tryKubectl } from './kubectl.ts';

const OPERATOR = ['--namespace', 'copepod-system'];
const MAX_LINES = 40;

/** The state of a namespace and of the operator, for the error of a time-out. */
export async function clusterNow(namespace: string): Promise<string> {
  const here = ['--namespace', namespace];
  const looks: [string, readonly string[]][] = [
    ['ScriptRuntimes', [...here, 'get', 'scriptruntimes', '--output', 'wide']],
    ['conditions of ScriptRuntimes', [...here, 'get', 'scriptruntimes', '--output', CONDITIONS]],
    ['ScriptExecutions', [...here, 'get', 'scriptexecutions', '--output', 'wide']],
    ['pods', [...here, 'get', 'pods', '--output', 'wide']],
    ['events', [...here, 'get', 'events', '--sort-by', '.metadata.creationTimestamp']],
    ['operator', [...OPERATOR, 'get', 'pods', '--output', 'wide']],
    ['its log', [...OPERATOR, 'logs', '--selector', 'app.kubernetes.io/component=operator', '--tail', '30']],
  ];
  const parts = await Promise.all(
    looks.map(async ([title, args]) => {
      const { stdout, stderr } = await tryKubectl(args);
      const lines = `${stdout}${stderr}`.trimEnd().split('\n');
      return [`--- ${title}`, ...lines.slice(0, 1), ...lines.slice(1).slice(-MAX_LINES)].join('\n');
    }),
  );
  return parts.join('\n');
}

const CONDITIONS =
  'jsonpath={range .items[*]}{.metadata.name}{range .status.conditions[*]}{"\\n  "}{.type}={.status} {.reason}: {.message}{end}{"\\n"}{end}';
