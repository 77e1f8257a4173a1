/** The address of a package index with the token as its password, as the service wants it. */
export function withToken(registry: URL, token: string): string {
  const url = new URL(registry);
  url.username = 'token';
  url.password = token;
  return url.href;
}

/**
 * Whether a value's one address is of this registry, by HTTPS: what only begins like its host is somebody else's, and
 * so is what a comment behind the value says.
 */
export function leadsTo(registry: URL, value: string): boolean {
  const addresses = value.match(/\bhttps?:\/\/[^\s"'`,;\]}]+/gi) ?? [];
  return addresses.length === 1 && URL.canParse(addresses[0]!) && isOf(registry, new URL(addresses[0]!));
}

function isOf(registry: URL, { protocol, host }: URL): boolean {
  return protocol === 'https:' && host === registry.host;
}
