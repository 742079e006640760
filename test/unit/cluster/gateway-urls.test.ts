import { describe, expect, test } from '@jest/globals';
import { gatewayURLs, hostsOf } from '../../../src/cluster/gateway-urls.ts';

const SERVICE = 'http://copepod-gateway.copepod-system.svc';
const read = (text: string | undefined) => gatewayURLs(text, 'copepod-system');

describe('the URLs of the gateways', () => {
  test.each<[string | undefined, readonly string[]]>([
    [undefined, [SERVICE]],
    ['', [SERVICE]],
    [' , ', [SERVICE]],
    ['https://copepod.example/', ['https://copepod.example', SERVICE]],
    ['https://Copepod.example:8443/a/', ['https://copepod.example:8443/a', SERVICE]],
    ['https://a.example, http://b.example', ['https://a.example', 'http://b.example', SERVICE]],
    [`${SERVICE},https://a.example,${SERVICE}`, [SERVICE, 'https://a.example']],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test.each([
    'copepod.example',
    'ftp://a.example',
    'https://user@a.example',
    'https://a.example?b',
    'https://a.example,x',
  ])('%s is refused', (text) => {
    expect(() => read(text)).toThrow(/--gateway-url: ".*" is not the URL of a server/);
  });
});

test('their hosts are written as hostnames of endpoints, and a Service has several names', () => {
  const urls = read('https://COPEPOD.example:8443/a,http://b.example.,http://gate.tools.svc.cluster.local:8080');
  expect([...hostsOf(urls)]).toEqual([
    'copepod.example',
    'b.example',
    'gate.tools.svc.cluster.local',
    'gate.tools',
    'copepod-gateway.copepod-system.svc',
    'copepod-gateway.copepod-system',
  ]);
});
