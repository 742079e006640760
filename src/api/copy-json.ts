import type { JsonObject, JsonValue } from './json.ts';
import { setOwn } from './set-own.ts';

/**
 * A deep copy of JSON, made without recursion: the depth is controlled by the author of the JSON.
 *
 * @param textOf maps each string, member names included. Default: identity
 * @param onClash called with a member's name that `textOf` gave another member before: the copy keeps the later one
 * @param numberOf maps each number. Default: identity
 */
export function copyJson(
  value: JsonValue,
  textOf: (text: string) => string = (text) => text,
  onClash: (name: string) => void = () => {},
  numberOf: (number: number) => JsonValue = (number) => number,
): JsonValue {
  const pending: { from: JsonValue[] | JsonObject; to: JsonValue[] | JsonObject }[] = [];
  const copyOf = (member: JsonValue): JsonValue => {
    if (typeof member === 'string') return textOf(member);
    if (typeof member === 'number') return numberOf(member);
    if (member === null || typeof member !== 'object') return member;
    const to = Array.isArray(member) ? [] : {};
    pending.push({ from: member, to });
    return to;
  };
  const copy = copyOf(value);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { from, to } = next;
    if (Array.isArray(from)) for (const member of from) (to as JsonValue[]).push(copyOf(member));
    else {
      for (const [key, member] of Object.entries(from)) {
        const name = textOf(key);
        if (Object.hasOwn(to, name)) onClash(name);
        setOwn(to as JsonObject, name, copyOf(member));
      }
    }
  }
  return copy;
}
