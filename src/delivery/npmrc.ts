import { type ConfigFormat, DeliveryError } from './config-format.js';
import { withLine } from './lines.js';
import { leadsTo } from './url.js';

/** npm and pnpm: https://docs.npmjs.com/cli/configuring-npm/npmrc#auth-related-configuration */
export const npmrc: ConfigFormat = {
  isNamed: (name) => name === '.npmrc' || name === 'npmrc',
  registry: 'https://npm.flatt.tech/',
  insert(text, token, registry) {
    // What stands in a section is no setting of npm's.
    const end = /^[ \t]*\[[^\]\n]*\][ \t]*\r?$/m.exec(text)?.index ?? text.length;
    return withToken(text.slice(0, end), token, registry) + text.slice(end);
  },
};

function withToken(settings: string, token: string, registry: URL): string {
  const key = `//${registry.host}${registry.pathname}:_authToken`;
  const line = `${key}=${token}`;
  const lines = settings.split('\n');
  // Of several the last one counts.
  const at = lines.findLastIndex((each) => keyOf(each) === key);
  if (at >= 0) return lines.with(at, line).join('\n');
  const named = lines.filter((each) => /^(@[^:]+:)?registry$/.test(keyOf(each) ?? ''));
  if (named.length === 0) return withLine(withLine(settings, `registry=${registry.href}`), line);
  if (!named.some((each) => leadsTo(registry, each) || each.includes('$'))) {
    throw new DeliveryError('.npmrc names another registry; give it as --registry, or change it yourself');
  }
  return withLine(settings, line);
}

function keyOf(line: string): string | undefined {
  return /^\s*(["']?)([^#;="'][^=]*?)\1\s*=/.exec(line)?.[2];
}
