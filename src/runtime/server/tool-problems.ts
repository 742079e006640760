import { MAX_TOOL_MESSAGE, type PodToolProblem } from '../../api/pod-protocol.ts';

/** Bytes of all problems as JSON. Whoever reads the statistics of a pod takes 16 KiB. */
const MAX_BYTES = 4 << 10;
const CUT = '…';

/**
 * Problems of tools for the statistics of a pod. Their messages hold words of servers, which are cut so that all problems together are
 * within 4 KiB of JSON. Pure.
 */
export function boundedProblems(problems: readonly PodToolProblem[]): readonly PodToolProblem[] {
  // Each has a comma or a bracket beside it, and the list has one more.
  const share = Math.floor((MAX_BYTES - 1) / problems.length) - 1;
  return problems.map(({ name, message }) => ({
    name,
    message: cut(message.toWellFormed(), share - jsonBytes({ name, message: '' })),
  }));
}

/** The beginning of a text that has so many bytes in a JSON string. */
function cut(text: string, maxBytes: number): string {
  if (text.length <= MAX_TOOL_MESSAGE && bytesInside(text) <= maxBytes) return text;
  let bytes = bytesInside(CUT);
  let beginning = '';
  for (const character of text) {
    bytes += bytesInside(character);
    if (bytes > maxBytes || beginning.length + character.length + CUT.length > MAX_TOOL_MESSAGE) break;
    beginning += character;
  }
  return beginning + CUT;
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
/** Without the quotes. */
const bytesInside = (text: string): number => jsonBytes(text) - 2;
