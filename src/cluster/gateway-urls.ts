import { UsageError } from '../api/usage-error.ts';

/** Service of deploy/gateway. */
const SERVICE = 'copepod-gateway';
/** A name of a Service, as pods of other namespaces use it: `NAME.NAMESPACE` is another one. */
const SERVICE_NAME = /^([^.]+\.[^.]+)\.svc(\.cluster\.local)?$/;

/**
 * Where clients reach the gateways, without slashes at the end: what `--gateway-url` lists, and the Service of deploy/gateway.
 * The first is that of the endpoints' URLs. Pure.
 * @param text URLs, separated by commas
 * @param namespace that of the Service
 * @throws UsageError for what is no URL of a server
 */
export function gatewayURLs(text: string | undefined, namespace: string): readonly [string, ...string[]] {
  const listed = (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map(checkedURL);
  const service = `http://${SERVICE}.${namespace}.svc`;
  const [first = service, ...others] = [...new Set([...listed, service])];
  return [first, ...others];
}

/** The hosts of URLs, as hostnames of endpoints would be: these are the gateway's own. Pure. */
export function hostsOf(urls: readonly string[]): ReadonlySet<string> {
  const hosts = urls.map((url) => new URL(url).hostname.replace(/\.$/, ''));
  return new Set(hosts.flatMap((host) => [host, ...(SERVICE_NAME.exec(host)?.slice(1, 2) ?? [])]));
}

function checkedURL(text: string): string {
  const url = URL.parse(text);
  const isPlain = url !== null && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (!isPlain || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UsageError(
      `--gateway-url: "${text}" is not the URL of a server`,
      'write one like https://copepod.example.com, or several with commas between them',
    );
  }
  return url.href.replace(/\/+$/, '');
}
