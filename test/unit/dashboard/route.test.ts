import { expect, test } from '@jest/globals';
import { fragmentOf, type Place, parsePlace } from '../../../src/dashboard/page/route.ts';

test.each<[string, Place]>([
  ['', { scope: undefined, kind: 'executions', open: undefined }],
  ['#/', { scope: undefined, kind: 'executions', open: undefined }],
  ['#/*/runtimes', { scope: '', kind: 'runtimes', open: undefined }],
  ['#/shop/schedules/shop/nightly', { scope: 'shop', kind: 'schedules', open: { namespace: 'shop', name: 'nightly' } }],
  ['#/shop/other', { scope: 'shop', kind: 'executions', open: undefined }],
  ['#/shop/executions/shop', { scope: 'shop', kind: 'executions', open: undefined }],
  ['#/%E0%A4%A/executions', { scope: undefined, kind: 'executions', open: undefined }],
])('the fragment %j is a place', (fragment, place) => {
  expect(parsePlace(fragment)).toEqual(place);
});

test('a place has a fragment', () => {
  const place: Place = { scope: '', kind: 'endpoints', open: { namespace: 'a', name: 'b.c' } };
  expect(fragmentOf(place)).toBe('#/*/endpoints/a/b.c');
  expect(parsePlace(fragmentOf(place))).toEqual(place);
});
