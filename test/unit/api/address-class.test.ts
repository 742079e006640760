import { describe, expect, test } from '@jest/globals';
import { guardedClass } from '../../../src/api/address-class.ts';
import { addressSet } from '../../../src/api/ip-address.ts';

describe('an address that only a rule with its IP or CIDR opens', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['::', 'unspecified'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['fec0::1', 'private'],
    ['100.64.0.1', 'shared (carrier-grade NAT)'],
    ['169.254.0.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['169.254.169.254', 'a metadata service'],
    ['100.100.100.200', 'a metadata service'],
    ['168.63.129.16', 'a metadata service'],
    ['fd00:ec2::254', 'a metadata service'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.250', 'multicast'],
    ['ff02::1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['240.0.0.1', 'reserved for special purposes'],
    ['192.0.2.1', 'reserved for special purposes'],
    ['198.18.0.1', 'reserved for special purposes'],
    ['2001:db8::1', 'reserved for special purposes'],
    ['3fff::1', 'reserved for special purposes'],
    ['4000::1', 'reserved for special purposes'],
    ['::ffff:8.8.8.8', 'IPv4 in IPv6 form'],
    ['::8.8.8.8', 'IPv4 in IPv6 form'],
    ['64:ff9b::808:808', 'IPv4 in IPv6 form'],
    ['64:ff9b:1::1', 'IPv4 in IPv6 form'],
    ['2002:808:808::1', 'IPv4 in IPv6 form'],
    ['2001:0:1::1', 'IPv4 in IPv6 form'],
    ['fe80::1%eth0', 'no IP address'],
    ['localhost', 'no IP address'],
    ['', 'no IP address'],
  ])('%s is %s', (address, expected) => expect(guardedClass(address)).toBe(expected));

  // A mapped address is the one it maps, wherever it is private.
  test.each(['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:169.254.169.254'])('%s', (address) =>
    expect(guardedClass(address)).toBeDefined(),
  );

  test('may be a public one of this machine or the cluster', () => {
    const own = addressSet(['8.8.8.0/24']);
    expect(guardedClass('8.8.8.8', own)).toBe("of this machine or the cluster's");
    expect(guardedClass('8.8.4.4', own)).toBeUndefined();
  });

  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '126.0.0.1',
    '223.0.0.1',
    '2606:4700::1',
    '2a00::1',
  ])('%s is a public address', (address) => expect(guardedClass(address)).toBeUndefined());
});
