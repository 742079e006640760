import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { HeaderPair } from '../web-exchange.ts';

/** Who signs, and how: Standard Webhooks (https://www.standardwebhooks.com), GitHub or Stripe. */
export type WebhookFormat = 'StandardWebhooks' | 'GitHub' | 'Stripe';

/** A request that says that it is a webhook. */
export interface SignedRequest {
  readonly headers: readonly HeaderPair[];
  /** As it was sent. */
  readonly body: Uint8Array;
}

/** Whether a request is signed. */
export type SignatureCheck =
  /** `content` names what was signed: with the same one, it is the same delivery again. */
  { readonly ok: true; readonly content: string } | { readonly ok: false; readonly why: string };

/** What a signature covers, and the signatures that were sent. */
interface Claim {
  readonly signed: readonly (string | Uint8Array)[];
  readonly signatures: readonly Buffer[];
  /** Seconds since the epoch; undefined: the format has none. */
  readonly timestamp: number | undefined;
}

interface Format {
  /** What a request claims; a text says what it lacks. */
  claim(header: (name: string) => string | undefined, body: Uint8Array): Claim | string;
  key(secret: string): Buffer | undefined;
}

const FORMATS: Readonly<Record<WebhookFormat, Format>> = {
  StandardWebhooks: {
    claim: (header, body) => {
      const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(header);
      if (id === undefined || timestamp === undefined || signature === undefined) {
        return 'the headers webhook-id, webhook-timestamp and webhook-signature are needed';
      }
      const signatures = signature.split(' ').flatMap((part) => {
        const [version, text] = part.split(',', 2);
        return version === 'v1' && text !== undefined ? [Buffer.from(text, 'base64')] : [];
      });
      return { signed: [`${id}.${timestamp}.`, body], signatures, timestamp: secondsOf(timestamp) };
    },
    key: (secret) => base64(secret.replace(/^whsec_/, '')),
  },
  GitHub: {
    claim: (header, body) => {
      const signature = /^sha256=([0-9a-f]{64})$/i.exec(header('x-hub-signature-256') ?? '')?.[1];
      if (signature === undefined) return 'the header X-Hub-Signature-256 is needed';
      return { signed: [body], signatures: [Buffer.from(signature, 'hex')], timestamp: undefined };
    },
    key: (secret) => Buffer.from(secret),
  },
  Stripe: {
    claim: (header, body) => {
      const parts = (header('stripe-signature') ?? '')
        .split(',')
        .map((part) => part.split('=', 2) as [string, string?]);
      const timestamp = parts.find(([name]) => name === 't')?.[1];
      const signatures = parts.flatMap(([name, text]) =>
        name === 'v1' && /^[0-9a-f]{64}$/i.test(text ?? '') ? [Buffer.from(text as string, 'hex')] : [],
      );
      if (timestamp === undefined || signatures.length === 0) return 'the header Stripe-Signature is needed';
      return { signed: [`${timestamp}.`, body], signatures, timestamp: secondsOf(timestamp) };
    },
    key: (secret) => Buffer.from(secret),
  },
};

/**
 * Checks the signature of a webhook: HMAC-SHA256 over what its format says. Pure.
 *
 * @param secret the signing secret, as its sender shows it; of several, each on a line of its own, any may have signed
 * @param toleranceSeconds by how much the time that was signed may differ from `nowMs`
 * @param nowMs milliseconds since the epoch
 */
export function checkSignature(
  format: WebhookFormat,
  { headers, body }: SignedRequest,
  {
    secret,
    toleranceSeconds,
    nowMs,
  }: { readonly secret: string; readonly toleranceSeconds: number; readonly nowMs: number },
): SignatureCheck {
  const { claim: claimOf, key: keyOf } = FORMATS[format];
  // Of a header that is there twice nobody can say which one counts.
  const header = (name: string): string | undefined => {
    const values = headers.filter(([other]) => other.toLowerCase() === name);
    return values.length === 1 ? values[0]?.[1] : undefined;
  };
  const claim = claimOf(header, body);
  if (typeof claim === 'string') return { ok: false, why: claim };
  const { signed, signatures, timestamp } = claim;
  if (timestamp !== undefined && !(Math.abs(nowMs / 1000 - timestamp) <= toleranceSeconds)) {
    return { ok: false, why: `the time that was signed is more than ${toleranceSeconds} s away` };
  }
  const keys = linesOf(secret).flatMap((line) => keyOf(line) ?? []);
  const isSigned = keys.some((key) => {
    const hmac = createHmac('sha256', key);
    for (const part of signed) hmac.update(part);
    const expected = hmac.digest();
    return signatures.some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  });
  if (!isSigned) return { ok: false, why: 'the signature is not that of the secret' };
  return { ok: true, content: hash('sha256', Buffer.concat(signed.map((part) => Buffer.from(part))), 'base64url') };
}

/** Whether a token is the one of a secret, or one of its lines. Takes as long for any token. Pure. */
export function isToken(token: string, secret: string): boolean {
  const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
  const given = digest(token);
  let isOne = false;
  for (const line of linesOf(secret)) if (timingSafeEqual(given, digest(line))) isOne = true;
  return isOne;
}

const linesOf = (secret: string): string[] =>
  secret
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const secondsOf = (text: string): number => (/^\d{1,12}$/.test(text) ? Number(text) : Number.NaN);

/** Undefined, too, where nothing is encoded (`A`): with an empty key anybody can sign. */
function base64(text: string): Buffer | undefined {
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
  return bytes?.length === 0 ? undefined : bytes;
}
