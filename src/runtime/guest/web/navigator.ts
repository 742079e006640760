import { asInterface, primordials } from './kit.ts';

const { TypeError: SafeTypeError } = primordials;

/** The version of Copepod, put in by scripts/build.ts. */
declare const COPEPOD_VERSION: string;

let isOurs = true;

export class Navigator {
  constructor() {
    if (!isOurs) throw new SafeTypeError('Illegal constructor');
  }

  get userAgent(): string {
    return `Copepod/${COPEPOD_VERSION}`;
  }
}

asInterface(Navigator, 'Navigator');
export const navigator = new Navigator();
isOurs = false;
