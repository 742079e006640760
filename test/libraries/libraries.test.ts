/** Widely used npm packages, unmodified: what `copepod build` makes of them gives what they give in Node. */
import { execFile } from 'node:child_process';
import { cpSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LocalServer } from '../egress/support/server.ts';
import { copepod, runItems, Workspace } from '../integration/support/cli.ts';
import { installLibraries } from './install.ts';
import { apiServer } from './servers.ts';

const SCRIPTS = join(import.meta.dirname, 'scripts');
const NAMES = readdirSync(SCRIPTS).map((name) => name.replace('.mjs', ''));

let server: LocalServer;
let project: Workspace;

beforeAll(async () => {
  const packages = installLibraries();
  server = await apiServer();
  project = new Workspace();
  await copepod(['init', '.'], { cwd: project.path });
  symlinkSync(packages, join(project.path, 'node_modules'));
  cpSync(SCRIPTS, join(project.path, 'src'), { recursive: true });
}, 400_000);
afterAll(async () => {
  project?.[Symbol.dispose]();
  await server?.close();
});

const params = () => ({ base: `http://127.0.0.1:${server.port}` });

/** What a script gives in Node, whose packages are those for Node. */
async function inNode(name: string): Promise<unknown> {
  const code = `import main from './src/${name}.mjs'; process.stdout.write(JSON.stringify(await main(${JSON.stringify(params())})));`;
  writeFileSync(join(project.path, `${name}.run.mjs`), code);
  const { stdout } = await promisify(execFile)(process.execPath, [`${name}.run.mjs`], {
    cwd: project.path,
    env: { ...process.env, TZ: 'UTC' },
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  return JSON.parse(stdout);
}

const manifest = (name: string) => `apiVersion: copepod.dev/v1alpha1
kind: ScriptRuntime
metadata: { name: default }
spec:
  limits: { cpuTime: 60s, timeout: 2m, result: 256Ki }
  egress:
    - hosts: [127.0.0.1]
      schemes: [http]
      ports: [${server.port}]
---
apiVersion: copepod.dev/v1alpha1
kind: ScriptExecution
metadata: { name: ${name} }
spec:
  params: ${JSON.stringify(params())}
  sourceFrom: { configMapKeyRef: { name: ${name}, key: ${name}.js } }
`;

test.each(NAMES)(
  '%s gives in the sandbox what it gives in Node',
  async (name) => {
    const built = await copepod(['build', `src/${name}.mjs`, '--kind', 'ConfigMap', '-f', `${name}.yaml`], {
      cwd: project.path,
    });
    expect(built).toMatchObject({ code: 0, stdout: '' });
    const [item] = await runItems([`${name}.yaml`, '-'], { cwd: project.path, input: manifest(name) });
    expect(item?.status.error).toBeUndefined();
    expect(item?.status.result).toEqual(await inNode(name));
  },
  300_000,
);
