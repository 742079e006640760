import { apply, cut, defineProperty, functionToString, SafeFunction, splitAt } from './primordials.ts';

/**
 * Has functions tell their text as their author has written it, without what instrumentation has put in.
 * @param mark the comment around that (compiler/instrument.ts)
 */
export function installSourceTexts(mark: string): void {
  // A method is no constructor.
  const { toString: textOf } = {
    toString(this: unknown): string {
      return this === textOf ? NATIVE : authorsText(apply(functionToString, this, []) as string, mark);
    },
  };
  defineProperty(SafeFunction.prototype, 'toString', {
    value: textOf,
    writable: true,
    enumerable: false,
    configurable: true,
  });
}

const NATIVE = 'function toString() { [native code] }';

function authorsText(text: string, mark: string): string {
  const parts = splitAt(text, mark);
  let result = parts[0] as string;
  for (let i = 1; i + 1 < parts.length; i += 2) {
    result += `${replaced(parts[i] as string)}${parts[i + 1]}`;
  }
  return result;
}

/** What stood where something was put: it is in a comment there. */
function replaced(part: string): string {
  const comment = splitAt(part, '/*')[1];
  return comment === undefined ? '' : cut(comment, comment.length - '*/'.length);
}
