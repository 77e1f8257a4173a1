/** The address of a package index with the token as its password, as the service wants it. */
export function withToken(registry: URL, token: string): string {
  const url = new URL(registry);
  url.username = 'token';
  url.password = token;
  return url.href;
}
