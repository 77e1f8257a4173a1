import type { ConfigFormat } from './config-format.js';
import { withLine } from './lines.js';

/** Yarn from 2 on: https://yarnpkg.com/configuration/yarnrc#npmAuthToken */
export const yarnrc: ConfigFormat = {
  isNamed: (name) => name === '.yarnrc.yml',
  registry: 'https://npm.flatt.tech/',
  insert(text, token, registry) {
    const line = `npmAuthToken: "${token}"`;
    // Only at the margin: an indented one belongs to a scope or to another registry.
    const placed = /^npmAuthToken\s*:.*$/m.test(text)
      ? text.replace(/^npmAuthToken\s*:.*$/m, () => line)
      : withLine(text, line);
    return /^npmRegistryServer\s*:/m.test(placed)
      ? placed
      : withLine(placed, `npmRegistryServer: "${registry.href}"`);
  },
};
