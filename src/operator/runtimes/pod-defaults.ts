/** Settings of all runtimes' pods, set at installation. */
export interface PodDefaults {
  /** Default container image: the operator's own. */
  readonly image: string;
  /** The operator's public key as JWK text; pods accept requests signed with it. */
  readonly publicKey: string;
  /** The gateways' public key as JWK text; pods accept runs signed with it. */
  readonly gatewayPublicKey: string;
  /** Namespace of the operator and of gateways: only their pods may send requests to runtime pods. */
  readonly operatorNamespace: string;
  /** Additional namespaces whose pods with the scraper label may read `/metrics`. */
  readonly scraperNamespaces: readonly string[];
  /** Variables of the pods that name the proxies for requests of scripts; left out: none. */
  readonly proxies?: Readonly<Record<string, string>>;
}
