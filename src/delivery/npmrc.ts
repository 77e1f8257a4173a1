import { type ConfigFormat, DeliveryError } from './config-format.js';
import { withLine } from './lines.js';

/** npm and pnpm: https://docs.npmjs.com/cli/configuring-npm/npmrc#auth-related-configuration */
export const npmrc: ConfigFormat = {
  isNamed: (name) => name === '.npmrc' || name === 'npmrc',
  registry: 'https://npm.flatt.tech/',
  insert(text, token, registry) {
    const key = `//${registry.host}${registry.pathname}:_authToken`;
    const line = `${key}=${token}`;
    const lines = text.split('\n');
    const keyOf = (each: string) => /^\s*([^#;=][^=]*?)\s*=/.exec(each)?.[1];
    // Of several the last one counts.
    const at = lines.findLastIndex((each) => keyOf(each) === key);
    if (at >= 0) return lines.with(at, line).join('\n');
    const named = lines.filter((each) => /^(@[^:]+:)?registry$/.test(keyOf(each) ?? ''));
    if (named.length === 0) return withLine(withLine(text, `registry=${registry.href}`), line);
    if (!named.some((each) => each.includes(`//${registry.host}`) || each.includes('$'))) {
      throw new DeliveryError('.npmrc names another registry; give it as --registry, or change it yourself');
    }
    return withLine(text, line);
  },
};
