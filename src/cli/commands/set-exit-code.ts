/** Receives the exit code of a finished command. */
export type SetExitCode = (code: number) => void;
