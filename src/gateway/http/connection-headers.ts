/** Headers that are the business of one connection (RFC 9110, 7.6.1), in requests and in responses. */
export const CONNECTION_HEADERS = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
] as const;
