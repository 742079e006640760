import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { makeToken } from '../../../src/api/pod-token.ts';
import { Authenticator } from '../../../src/runtime/server/authenticate.ts';
import { RefusalError } from '../../../src/runtime/server/refusal.ts';
import { JSON_TOKENS, mutated, odd, spoiled } from '../mutations.ts';
import { check, type Target } from '../target.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const options = {
  signer: 'operator' as const,
  publicKey: publicKey.export({ format: 'jwk' }),
  podUID: 'pod-1',
  bootID: 'boot-1',
};
const NOW_MS = 1_800_000_000_000;
const request = { method: 'GET', path: '/v1/runs/a.1.1' };

const valid = makeToken(privateKey, { podUID: 'pod-1', bootID: 'boot-1', epoch: 1, ...request }, NOW_MS);
const [header = '', payload = ''] = valid.split('.');
const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;

/** A token that the operator's key has signed, whatever it says. */
function signed(text: string): string {
  const start = `${header}.${Buffer.from(text).toString('base64url')}`;
  return `Bearer ${start}.${sign(null, Buffer.from(start), privateKey).toString('base64url')}`;
}

interface Head {
  readonly authorization: string | undefined;
  readonly method: string;
  readonly path: string;
}

const authorization = fc.oneof(
  mutated([`Bearer ${valid}`], ['.', '..', 'Bearer ', ' ', '=', '-', '_', '\0', '\u00e9', header]),
  { weight: 2, arbitrary: spoiled(claims).map((value) => signed(JSON.stringify(value) ?? '')) },
  mutated([JSON.stringify(claims)], JSON_TOKENS).map(signed),
  odd.map((value) => signed(JSON.stringify(value))),
  fc.constant(undefined),
);

/** The Authorization header of a request, as a pod reads it. */
export const tokens: Target<Head> = {
  name: 'tokens',
  title: 'tokens of requests to a pod',
  input: fc.record({
    authorization,
    method: fc.constantFrom('GET', 'POST'),
    path: fc.oneof({ weight: 4, arbitrary: fc.constant(request.path) }, fc.string()),
  }),
  run(head) {
    const authenticator = new Authenticator(options, () => NOW_MS);
    const before = head.authorization === `Bearer ${valid}`;
    try {
      const { epoch, body } = authenticator.checkHead(head);
      check(Number.isSafeInteger(epoch) && typeof body === 'string', 'claims that are none');
      check(before || head.authorization?.startsWith(`Bearer ${header}.`) === true, 'what nobody has signed is let in');
      authenticator.checkBody({ epoch, body, req: '' }, Buffer.alloc(0));
    } catch (error) {
      check(error instanceof RefusalError, `no refusal: ${(error as Error).stack}`);
      check(['Unauthenticated', 'OtherBoot', 'StaleEpoch'].includes(error.code), `refused as ${error.code}`);
    }
    check(Number.isFinite(authenticator.clockSkewMs), 'a clock skew that is no number');
  },
};
