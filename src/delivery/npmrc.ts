import type { ConfigFormat } from './config-format.js';
import { withLine } from './lines.js';

/** npm and pnpm: https://docs.npmjs.com/cli/configuring-npm/npmrc#auth-related-configuration */
export const npmrc: ConfigFormat = {
  isNamed: (name) => name === '.npmrc' || name === 'npmrc',
  registry: 'https://npm.flatt.tech/',
  insert(text, token, registry) {
    const key = `//${registry.host}${registry.pathname}:_authToken`;
    const line = `${key}=${token}`;
    const lines = text.split('\n');
    const at = lines.findIndex((each) => each.trimStart().startsWith(`${key}=`));
    if (at >= 0) return lines.with(at, line).join('\n');
    const named = /^\s*registry\s*=/m.test(text) ? text : withLine(text, `registry=${registry.href}`);
    return withLine(named, line);
  },
};
