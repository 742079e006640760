import { pause } from '../../../kube/pause.ts';
import { EXIT } from '../../exit-code.ts';
import { documentText } from '../../output/list.ts';
import { terminalStyle } from '../../output/style.ts';
import { interruptible } from '../../run/interrupt.ts';
import { type ClusterOptions, withCluster } from '../cluster.ts';
import { Following } from './following.ts';
import { QuitKey } from './quit-key.ts';
import { ordered, runtimeRow } from './rows.ts';
import { Screen } from './screen.ts';
import { type TopState, view } from './view.ts';

export interface TopOptions extends ClusterOptions {
  readonly allNamespaces?: boolean;
  readonly once?: boolean;
  readonly output: 'table' | 'json' | 'yaml';
}

const EVERY_MS = 1000;
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
/** Most executions that have ended, where the terminal does not say how many have room. */
const ENDED = 10;

/** `kubectl copepod top`: runtimes and executions, live on a terminal. Returns the exit code. */
export async function topCommand(options: TopOptions): Promise<number> {
  const interrupt = interruptible();
  interrupt.handleSignals();
  return await withCluster(options, async (cluster) => {
    using following = new Following(cluster, options.allNamespaces === true);
    await following.synced(interrupt.signal);
    if (interrupt.signal.aborted) return EXIT.interrupted;
    if (options.output !== 'table') {
      process.stdout.write(documentText(objectOf(following.state()), options.output));
      return EXIT.ok;
    }
    const style = terminalStyle(process.stdout);
    const namespaces = options.allNamespaces === true;
    if (options.once || !process.stdout.isTTY) {
      process.stdout.write(view(following.state(), { style, namespaces, ended: ENDED }));
      return EXIT.ok;
    }
    using screen = new Screen(process.stdout);
    using keys = new QuitKey();
    const quit = AbortSignal.any([interrupt.signal, keys.signal]);
    while (!quit.aborted) {
      // Some terminals do not say how large they are.
      const width = process.stdout.columns || DEFAULT_COLUMNS;
      const height = process.stdout.rows || DEFAULT_ROWS;
      const where = namespaces ? 'all namespaces' : `namespace ${cluster.namespace}`;
      const lost = following.lost === undefined ? '' : style.red('   connection lost, trying again');
      const title = `${style.bold(where)} ${style.dim(`at ${cluster.host}; q quits`)}${lost}`;
      const tables = view(following.state(), { style, namespaces, width, height: height - 3, ended: height });
      screen.draw(`${title}\n\n${tables}`);
      await pause(EVERY_MS, quit);
    }
    return EXIT.ok;
  });
}

/** The same for programs. */
function objectOf({ runtimes, executions }: TopState): object {
  return {
    runtimes: runtimes.map((runtime) => runtimeRow(runtime, executions)),
    executions: ordered(executions).map(({ metadata, runtime, tenant, state, reason, sinceMs, pod }) => ({
      namespace: metadata.namespace,
      name: metadata.name,
      runtime,
      tenant,
      state,
      reason,
      since: new Date(sinceMs).toISOString(),
      ...(pod === '' ? {} : { pod }),
    })),
  };
}
