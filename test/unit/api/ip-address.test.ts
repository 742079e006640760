import { describe, expect, test } from '@jest/globals';
import { addressSet, isAddress, isCidr } from '../../../src/api/ip-address.ts';

describe('IP addresses, as isIP() of Kubernetes reads them', () => {
  test.each([
    ['192.0.2.1', true],
    ['2001:db8::1', true],
    ['::', true],
    ['192.0.2.01', false],
    ['192.0.2', false],
    ['3221225985', false],
    ['0xc0.0.2.1', false],
    ['fe80::1%eth0', false],
    ['::ffff:192.0.2.1', false],
    ['::ffff:c000:201', false],
    ['[2001:db8::1]', false],
    ['', false],
  ])('%j: %p', (text, expected) => expect(isAddress(text)).toBe(expected));
});

describe('CIDRs, as isCIDR() of Kubernetes reads them', () => {
  test.each([
    ['10.0.0.0/8', true],
    ['10.1.2.3/8', true],
    ['0.0.0.0/0', true],
    ['::/0', true],
    ['2001:db8::/32', true],
    ['10.0.0.0/33', false],
    ['10.0.0.0/08', false],
    ['10.0.0.0/-1', false],
    ['10.0.0.0/', false],
    ['10.0.0.0', false],
    ['10.0.0.0/8/8', false],
    ['::ffff:10.0.0.0/104', false],
    ['::/129', false],
  ])('%j: %p', (text, expected) => expect(isCidr(text)).toBe(expected));
});

describe('a set of addresses', () => {
  const contains = addressSet(['10.1.2.3/8', '192.0.2.7', 'fd00::/8', '::1']);

  test.each([
    ['10.255.0.1', true],
    ['11.0.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['fd12::1', true],
    ['fc12::1', false],
    ['::1', true],
    ['::ffff:10.0.0.1', true],
    ['::ffff:11.0.0.1', false],
    ['fd12::1%eth0', false],
    ['example.com', false],
    ['', false],
  ])('contains %j: %p', (address, expected) => expect(contains(address)).toBe(expected));

  test('of IPv6 prefixes contains no IPv4 address', () => {
    expect(addressSet(['::ffff:0:0/96', '::/0'])('10.0.0.1')).toBe(false);
  });
});
