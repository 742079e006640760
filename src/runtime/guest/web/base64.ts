import { DOMException } from './dom-exception.ts';
import { port, requireArguments } from './kit.ts';

export const { atob, btoa } = {
  atob(data: unknown): string {
    requireArguments(arguments.length, 1, 'atob');
    const answer = port('platform', 'atob', `${data as string}`) as string | undefined;
    if (answer === undefined)
      throw new DOMException('The string to be decoded is not correctly encoded', 'InvalidCharacterError');
    return answer;
  },
  btoa(data: unknown): string {
    requireArguments(arguments.length, 1, 'btoa');
    const answer = port('platform', 'btoa', `${data as string}`) as string | undefined;
    if (answer === undefined)
      throw new DOMException('The string to be encoded has characters outside of Latin1', 'InvalidCharacterError');
    return answer;
  },
};
