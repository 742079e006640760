/** How the process ends, for scripts that call it. */
export const EXIT = {
  ok: 0,
  /** Some execution did not succeed. */
  failed: 1,
  /** Bad usage or bad manifests: nothing has run. */
  usage: 2,
  /** Ctrl-C, SIGTERM, or nobody reads the output any more. */
  interrupted: 130,
} as const;
