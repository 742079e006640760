/** Whether a value is a stream, without the code of streams: before that is loaded, none is. */
let known: ((value: unknown) => boolean) | undefined;

/** The code of streams is loaded: from now on a value may be one. */
export function streamsLoaded(isStream: (value: unknown) => boolean): void {
  known = isStream;
}

export const isReadableStream = (value: unknown): boolean => known?.(value) ?? false;
