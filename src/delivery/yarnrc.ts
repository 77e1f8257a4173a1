import { type ConfigFormat, DeliveryError } from './config-format.js';
import { withLine } from './lines.js';

/** Yarn from 2 on: https://yarnpkg.com/configuration/yarnrc#npmAuthToken */
export const yarnrc: ConfigFormat = {
  isNamed: (name) => name === '.yarnrc.yml',
  registry: 'https://npm.flatt.tech/',
  insert(text, token, registry) {
    const line = `npmAuthToken: "${token}"`;
    const server = /^npmRegistryServer\s*:\s*(.*)$/m.exec(text)?.[1];
    // The token goes to whichever server stands there.
    if (server !== undefined && !server.includes(`//${registry.host}`)) {
      throw new DeliveryError(
        '.yarnrc.yml names another registry; give it as --registry, or change it yourself',
      );
    }
    // Only at the margin: an indented one belongs to a scope or to another registry.
    const placed = /^npmAuthToken\s*:.*$/m.test(text)
      ? text.replace(/^npmAuthToken\s*:.*$/m, () => line)
      : withLine(text, line);
    return server === undefined ? withLine(placed, `npmRegistryServer: "${registry.href}"`) : placed;
  },
};
