/** What is behind `crypto.subtle`. */
export { CryptoKey } from './crypto-key.ts';
export { SubtleCrypto, subtle } from './subtle-crypto.ts';
