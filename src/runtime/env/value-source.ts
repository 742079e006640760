import { keyOf, type ValueReference } from '../../api/env.ts';

/** The values of Secrets and ConfigMaps at one time. They never change: others are another object. */
export interface Values {
  /** The text of a value, as it is; undefined if it does not exist. */
  read(reference: ValueReference): string | undefined;
}

/** Where values come from. */
export interface ValueSource {
  /** The present values: the same object until one of them changes. It is cheap, as it is asked for each execution. */
  snapshot(): Values;
}

/** Values by key, by the name of their object. */
export type GivenTexts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Values that are given once and never change. */
export class GivenValues implements ValueSource, Values {
  readonly #texts = new Map<string, string>();

  constructor({ secrets = {}, configMaps = {} }: { readonly secrets?: GivenTexts; readonly configMaps?: GivenTexts }) {
    this.#add('Secret', secrets);
    this.#add('ConfigMap', configMaps);
  }

  snapshot(): Values {
    return this;
  }

  read(reference: ValueReference): string | undefined {
    return this.#texts.get(keyOf(reference));
  }

  #add(kind: ValueReference['kind'], objects: GivenTexts): void {
    for (const [name, texts] of Object.entries(objects)) {
      for (const [key, text] of Object.entries(texts)) this.#texts.set(keyOf({ kind, name, key }), text);
    }
  }
}
