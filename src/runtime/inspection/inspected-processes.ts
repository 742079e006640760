import { join } from 'node:path';
import type { Containment } from '../containment.ts';
import type { RuntimeProcesses, SandboxProcess } from '../sandbox-process.ts';
import { codeOf, contained, SANDBOX_DIR, SpawnedProcess, spawnWithStreams } from '../spawned-process.ts';
import type { SandboxKind } from '../wire/zygote.ts';
import { waitsForDebugger } from './waits-for-debugger.ts';

export interface InspectorOptions {
  /** Port of 127.0.0.1 that the inspector listens on; 0: any. */
  readonly port: number;
  /** The script stops at its first line. */
  readonly breaksAtStart: boolean;
  /** Called when the script waits for a debugger, with the URL of the inspector's WebSocket. */
  readonly onListening: (url: string) => void;
}

/** How Node says on standard error that its inspector listens. */
const LISTENING = /^Debugger listening on (ws:\S+)$/m;

/**
 * Starts sandboxes that a debugger can stop: Node's own inspector does not see isolates of isolated-vm, so that their code runs in contexts
 * of Node's isolate (src/runtime/sandbox/inspected). Nothing is compiled there: compilers are contained as ever.
 */
export class InspectedProcesses implements RuntimeProcesses {
  readonly containment: Containment = {
    seccomp: 'Inactive',
    reason: 'a debugger is allowed to stop the script',
    permissionModel: 'Active',
  };
  readonly #compilers: RuntimeProcesses;
  readonly #options: InspectorOptions;

  /** @param compilers starts the processes that compile, and is closed with these */
  constructor(compilers: RuntimeProcesses, options: InspectorOptions) {
    this.#compilers = compilers;
    this.#options = options;
  }

  async start(kind: SandboxKind, memoryMb: number): Promise<SandboxProcess> {
    if (kind !== 'script') return this.#compilers.start(kind, memoryMb);
    const { port, breaksAtStart, onListening } = this.#options;
    const [command, ...args] = contained([
      '--permission',
      `--allow-fs-read=${SANDBOX_DIR}`,
      // Both are given up before a script is there (sandbox/inspected/start.ts).
      '--allow-ffi',
      '--allow-inspector',
      '--experimental-vm-modules',
      // A script that gets hold of an object of the realm of our code finds no built-in there that it could change.
      '--frozen-intrinsics',
      '--no-warnings',
      '--no-js-source-phase-imports',
      '--disallow-code-generation-from-strings',
      `--max-old-space-size=${memoryMb}`,
      join(SANDBOX_DIR, 'inspected-start.cjs'),
      join(SANDBOX_DIR, 'inspected-isolated-vm.cjs'),
      codeOf(kind),
      `${port}`,
      breaksAtStart ? 'break' : 'run',
    ]);
    const child = spawnWithStreams(command, args, {
      env: {},
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      if (LISTENING.test(said)) return;
      said += chunk.toString();
      const url = LISTENING.exec(said)?.[1];
      if (url !== undefined) void waitsForDebugger(url).then(() => onListening(url));
    });
    return new SpawnedProcess(child);
  }

  stopStarting(): void {
    this.#compilers.stopStarting();
  }

  close(): Promise<void> {
    return this.#compilers.close();
  }
}
