/** Takes the exit code of a command that has ended. */
export type SetExitCode = (code: number) => void;
