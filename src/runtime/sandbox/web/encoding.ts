/** Decoders of one run that have begun a text and not ended it. */
const MAX_OPEN = 1024;

const encoder = new TextEncoder();

export const encode = (text: string): Uint8Array => exact(encoder.encode(text));

/** @param room bytes at the most */
export function encodeInto(text: string, room: number): { read: number; bytes: Uint8Array } | undefined {
  if (!Number.isSafeInteger(room) || room < 0) return undefined;
  // No unit of UTF-16 takes more than three bytes.
  const bytes = new Uint8Array(Math.min(room, text.length * 3));
  const { read, written } = encoder.encodeInto(text, bytes);
  return { read, bytes: exact(bytes.subarray(0, written)) };
}

/** @returns the name of an encoding that has this label, or undefined */
export function encodingName(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** Decodes a whole text. @param settings encoding, fatal and ignoreBOM (0 or 1), with commas between */
export function decode(settings: string, bytes: Uint8Array): string | undefined {
  try {
    return decoderOf(settings).decode(bytes);
  } catch {
    return undefined; // what it can't decode, where that is fatal
  }
}

/** The decoders of one run that are in the middle of a text. */
export class Decoders {
  readonly #open = new Map<string, TextDecoder>();

  /**
   * Decodes a part of a text.
   * @param settings as of `decode`, and the decoder's number and whether more will come (0 or 1)
   * @returns undefined for bytes that it can't decode, and null where too many are open
   */
  decode(settings: string, bytes: Uint8Array): string | undefined | null {
    const [, , , id = '', more] = settings.split(',');
    let decoder = this.#open.get(id);
    if (decoder === undefined && this.#open.size >= MAX_OPEN) return null;
    this.#open.delete(id);
    try {
      decoder ??= decoderOf(settings);
      const text = decoder.decode(bytes, { stream: more === '1' });
      if (more === '1') this.#open.set(id, decoder);
      return text;
    } catch {
      return undefined;
    }
  }
}

function decoderOf(settings: string): TextDecoder {
  const [encoding, fatal, ignoreBOM] = settings.split(',');
  return new TextDecoder(encoding, { fatal: fatal === '1', ignoreBOM: ignoreBOM === '1' });
}

/** With a buffer of its own, of which nothing else is copied. */
const exact = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
