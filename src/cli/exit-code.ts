/** The exit codes, for scripts that run the command. */
export const EXIT = {
  ok: 0,
  /** At least one execution did not succeed. */
  failed: 1,
  /** Invalid usage or manifests: nothing ran. */
  usage: 2,
  /** Ctrl-C, SIGTERM, or standard output was closed. */
  interrupted: 130,
} as const;
