import type ivm from 'isolated-vm';

/**
 * isolated-vm, loaded from the file the supervisor names: its own loader would need the permission to look around in
 * node_modules.
 */
export const { Isolate, Callback, ExternalCopy } = (require(process.argv[2] as string) as { ivm: typeof ivm }).ivm;
