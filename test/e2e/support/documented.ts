import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { commandsOf } from '../../docs/support/commands.ts';
import { readPage } from '../../docs/support/pages.ts';
import { runCommands } from '../../docs/support/run-commands.ts';
import { Shell } from '../../docs/support/shell.ts';
import { wayOf } from '../../docs/support/snippet.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import type { Namespace } from './namespace.ts';

export interface DocumentedPage {
  /** Relative to the root of the repository. */
  readonly path: string;
  /** The namespace of the reader's context: what the page calls `called` is this one. */
  readonly namespace: Namespace;
  readonly called: string;
}

/** Tests that run the commands of a page that need a cluster, in the order of the page. */
export function runPage({ path, namespace, called }: DocumentedPage): void {
  const { snippets } = readPage(path);
  const commands = snippets
    .filter((each) => wayOf(each) === 'commands')
    .flatMap(commandsOf)
    .filter(({ place }) => place === 'cluster');
  const directory = mkdtempSync(join(tmpdir(), 'copepod-kubeconfig-'));
  let shell: Shell;

  beforeAll(async () => {
    const KUBECONFIG = join(directory, 'config');
    await writeKubeconfig(KUBECONFIG, namespace);
    shell = new Shell({ env: { KUBECONFIG }, names: { [called]: namespace.name } });
    for (const { notes, text } of snippets) if (notes.file !== undefined) shell.write(notes.file, text);
  });
  afterAll(async () => {
    await shell?.[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });

  runCommands(commands, () => shell);
}
