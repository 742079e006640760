import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { commandsOf } from '../../docs/support/commands.ts';
import { readPage, USER_PAGES } from '../../docs/support/pages.ts';
import { runCommands } from '../../docs/support/run-commands.ts';
import { Shell } from '../../docs/support/shell.ts';
import { wayOf } from '../../docs/support/snippet.ts';
import { findKubectl } from '../support/kustomize.ts';

/** The pages with commands that run without a cluster, and their snippets in the order of the page. */
const PAGES = USER_PAGES.map((path) => ({ path, snippets: readPage(path).snippets }))
  .map(({ path, snippets }) => ({
    path,
    files: snippets.filter(({ notes }) => notes.file !== undefined),
    commands: snippets
      .filter((each) => wayOf(each) === 'commands')
      .flatMap(commandsOf)
      .filter(({ place }) => place === 'laptop'),
  }))
  .filter(({ commands }) => commands.length > 0);

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.each(PAGES)('the commands of $path do on this machine what the page says', ({ files, commands }) => {
  let shell: Shell;
  beforeAll(async () => {
    shell = new Shell({ port: await freePort(), path: [dirname(findKubectl())] });
    for (const { notes, text } of files) shell.write(notes.file ?? '', text);
  });
  afterAll(() => shell[Symbol.asyncDispose]());

  runCommands(commands, () => shell);
});
