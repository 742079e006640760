import type { JsonValue } from '../../api/json.ts';
import type { FetchSession } from '../egress/fetch-session.ts';
import type { HostCall } from '../host-bridge.ts';
import type { HostFunctions } from '../host-calls.ts';
import { guardedFetch, toolError } from './guarded-fetch.ts';
import { ToolError, type ToolErrorCode } from './tool-error.ts';
import type { ToolSession } from './tool-source.ts';
import type { OfferedTool } from './tools.ts';

/** A result has 1 MiB at most; what it is read from may have more. */
const MAX_ANSWER_BYTES = 2 << 20;
/** Calls of an execution at once; more wait: their answers are held in memory. */
const MAX_CALLS = 4;
const MAX_NAME = 100;
/** Of an answer to what ends a session. */
const MAX_LAST_BYTES = 64 << 10;

/** The calls of tools of one execution. */
export class ToolCalls {
  readonly #fetches: () => FetchSession;
  readonly #afterwards: () => FetchSession;
  readonly #sessions = new Map<string, ToolSession>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /**
   * @param fetches the requests of the execution
   * @param afterwards opens one for what ends a session of a server when the execution is over
   */
  constructor(fetches: () => FetchSession, afterwards: () => FetchSession) {
    this.#fetches = fetches;
    this.#afterwards = afterwards;
  }

  /** Adds the functions of tools to those of the host, which come first where a name is there twice. */
  expose(tools: readonly OfferedTool[], host: HostFunctions): void {
    for (const { name, state } of tools) {
      if (host.has(name)) continue;
      if ('error' in state) {
        host.exposeObject(name, undefined, (_call, member) => {
          throw new ToolError('Unavailable', `${calledOf(name, member)}: it could not be loaded: ${state.error}`);
        });
        continue;
      }
      const { catalog } = state;
      host.exposeObject(name, catalog.functions.keys(), async (call, member, input) => {
        let session = this.#sessions.get(name);
        session ??= catalog.open(
          guardedFetch(this.#fetches, name, MAX_ANSWER_BYTES),
          guardedFetch(this.#afterwards, name, MAX_LAST_BYTES),
        );
        this.#sessions.set(name, session);
        return await this.#call(session, { tool: name, member, call, input });
      });
    }
  }

  /** The execution is over. */
  close(): void {
    for (const session of this.#sessions.values()) session.close();
  }

  async #call(session: ToolSession, { tool, member, call, input }: OneCall): Promise<JsonValue | undefined> {
    if (this.#running >= MAX_CALLS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      call.signal.throwIfAborted();
      return await session.call(member, input, call.signal);
    } catch (error) {
      const { code = 'InvalidAnswer', message, data } = toolError(error) ?? { message: 'the call failed' };
      throw new ToolError(code as ToolErrorCode, `${calledOf(tool, member)}: ${message}`, data);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

interface OneCall {
  readonly tool: string;
  readonly member: string;
  readonly call: HostCall;
  readonly input: JsonValue | undefined;
}

/** A function as scripts call it. */
const calledOf = (tool: string, member: string): string => `${tool}.${member.slice(0, MAX_NAME)}`;
