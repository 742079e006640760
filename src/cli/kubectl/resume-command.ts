/** The command that resumes a suspended execution. */
export const resumeCommand = (name: string, namespace: string): string =>
  `kubectl patch sx ${name} -n ${namespace} --type merge -p '{"spec":{"suspend":false}}'`;
