import { describe, expect, test } from '@jest/globals';
import { type OperatorCommandOptions, readSettings } from '../../../src/operator/settings.ts';

const OPTIONS: OperatorCommandOptions = { port: 8081, events: 'failures' };
const read = (options: Partial<OperatorCommandOptions> = {}, env: Record<string, string> = {}) =>
  readSettings({ ...OPTIONS, ...options }, env);

test('an operator without options watches all namespaces, and runs in copepod-system', () => {
  expect(read()).toEqual({
    namespaces: undefined,
    scraperNamespaces: [],
    proxies: {},
    gatewayURLs: ['http://copepod-gateway.copepod-system.svc'],
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
    ['those of the environment', undefined, 'acme', ['acme']],
    ['those of the option, which overrides the environment', 'globex', 'acme', ['globex']],
    ['all if the list is empty', ' , ', undefined, undefined],
    ['all if the environment variable is empty', undefined, '', undefined],
  ])('%s', (_, namespaces, fromEnv, expected) => {
    const options = namespaces === undefined ? {} : { namespaces };
    expect(read(options, fromEnv === undefined ? {} : { COPEPOD_NAMESPACES: fromEnv }).namespaces).toEqual(expected);
  });
});

test('namespace, pod and image are read from the environment and the options', () => {
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

describe('an invalid setting is refused with a hint', () => {
  test.each<[string, Partial<OperatorCommandOptions>, Record<string, string>, RegExp]>([
    ['an invalid name', { namespaces: 'acme,Globex' }, {}, /--namespaces: "Globex" is not a namespace name/],
    ['a name that is too long', { namespaces: 'x'.repeat(64) }, {}, /is not a namespace name/],
    [
      'an invalid scraper namespace',
      { scraperNamespaces: 'A' },
      {},
      /--scraper-namespaces: "A" is not a namespace name/,
    ],
    ['a pattern', { namespaces: '*' }, {}, /is not a namespace name/],
    ['an unknown level of Events', { events: 'some' }, {}, /--events: "some" must be one of none, failures, all/],
    ['an unknown log level', {}, { COPEPOD_LOG_LEVEL: 'loud' }, /COPEPOD_LOG_LEVEL: "loud" must be one of debug/],
    ['the same as an option', { logLevel: 'loud' }, {}, /--log-level: "loud" must be one of debug/],
  ])('%s', (_, options, env, message) => {
    expect(() => read(options, env)).toThrow(message);
  });
});

describe('proxies of scripts', () => {
  test('are those of the environment, lower case first, and empty ones are none', () => {
    const env = {
      HTTPS_PROXY: 'http://a.example:1',
      https_proxy: 'http://b.example:3128',
      HTTP_PROXY: '',
      no_proxy: '.svc',
    };
    expect(read({}, env).proxies).toEqual({ HTTPS_PROXY: 'http://b.example:3128', NO_PROXY: '.svc' });
  });

  test.each(['b.example:3128', 'socks5://b.example', 'no url'])('are URLs of HTTP proxies: %s', (url) => {
    expect(() => read({}, { HTTP_PROXY: url })).toThrow(`HTTP_PROXY: "${url}" is not the URL of a proxy`);
  });
});
