import { describe, expect, test } from '@jest/globals';
import { type OperatorCommandOptions, readSettings } from '../../../src/operator/settings.ts';

const OPTIONS: OperatorCommandOptions = { port: 8081, events: 'failures' };
const read = (options: Partial<OperatorCommandOptions> = {}, env: Record<string, string> = {}) =>
  readSettings({ ...OPTIONS, ...options }, env);

test('an operator that is told nothing watches everything, and lives in copepod-system', () => {
  expect(read()).toEqual({
    namespaces: undefined,
    scraperNamespaces: [],
    port: 8081,
    events: 'failures',
    runtimeImage: undefined,
    kubeconfig: undefined,
    context: undefined,
    ownNamespace: 'copepod-system',
    podName: undefined,
    podUID: undefined,
    logLevel: 'info',
  });
});

describe('it watches', () => {
  test.each<[string, string | undefined, string | undefined, readonly string[] | undefined]>([
    ['one namespace', 'acme', undefined, ['acme']],
    ['several, each once', ' acme,globex , acme,', undefined, ['acme', 'globex']],
    ['those of its environment', undefined, 'acme', ['acme']],
    ['those that it is told, and not those of its environment', 'globex', 'acme', ['globex']],
    ['all where none is named', ' , ', undefined, undefined],
    ['all where its environment is empty', undefined, '', undefined],
  ])('%s', (_, namespaces, fromEnv, expected) => {
    const options = namespaces === undefined ? {} : { namespaces };
    expect(read(options, fromEnv === undefined ? {} : { COPEPOD_NAMESPACES: fromEnv }).namespaces).toEqual(expected);
  });
});

test('it takes its place and its pod from its environment, and an image from where one is named', () => {
  const env = {
    POD_NAMESPACE: 'tools',
    POD_NAME: 'copepod-1',
    POD_UID: 'u-1',
    COPEPOD_RUNTIME_IMAGE: 'env:1',
    COPEPOD_LOG_LEVEL: 'debug',
  };
  expect(read({}, env)).toMatchObject({
    ownNamespace: 'tools',
    podName: 'copepod-1',
    podUID: 'u-1',
    runtimeImage: 'env:1',
    logLevel: 'debug',
  });
  expect(read({ runtimeImage: 'mine:2' }, env).runtimeImage).toBe('mine:2');
  expect(read({}, { COPEPOD_RUNTIME_IMAGE: '', COPEPOD_LOG_LEVEL: '', POD_NAMESPACE: '', POD_NAME: '' })).toEqual(
    read(),
  );
});

describe('it says what is wrong, and what to write instead', () => {
  test.each<[string, Partial<OperatorCommandOptions>, Record<string, string>, RegExp]>([
    ['a name that is none', { namespaces: 'acme,Globex' }, {}, /--namespaces: "Globex" is not a namespace name/],
    ['a name that is too long', { namespaces: 'x'.repeat(64) }, {}, /is not a namespace name/],
    ['a scraper’s that is none', { scraperNamespaces: 'A' }, {}, /--scraper-namespaces: "A" is not a namespace name/],
    ['a pattern', { namespaces: '*' }, {}, /is not a namespace name/],
    ['a level of Events that is none', { events: 'some' }, {}, /--events: "some" must be one of none, failures, all/],
    [
      'a level of logs that is none',
      {},
      { COPEPOD_LOG_LEVEL: 'loud' },
      /COPEPOD_LOG_LEVEL: "loud" must be one of debug/,
    ],
    ['the same as an option', { logLevel: 'loud' }, {}, /--log-level: "loud" must be one of debug/],
  ])('%s', (_, options, env, message) => {
    expect(() => read(options, env)).toThrow(message);
  });
});
