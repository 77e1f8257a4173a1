import { type ConfigFormat, DeliveryError } from './config-format.js';
import { insertLine, sectionOf, withLine } from './lines.js';
import { withToken } from './url.js';

/** pip: https://pip.pypa.io/en/stable/topics/configuration/ */
export const pipConf: ConfigFormat = {
  isNamed: (name) => name === 'pip.conf' || name === 'pip.ini',
  registry: 'https://pypi.flatt.tech/simple/',
  insert(text, token, registry) {
    const line = `index-url = ${withToken(registry, token)}`;
    const section = sectionOf(text, '[global]');
    if (section === undefined) return withLine(withLine(text, '[global]'), line);
    const body = text.slice(section.start, section.end);
    const present = /^[ \t]*index[-_]url[ \t]*[=:].*$/im.exec(body);
    if (present === null) return insertLine(text, section.start, line);
    if (!present[0].includes(registry.host)) {
      throw new DeliveryError('pip.conf names another index; give it as --registry, or change it yourself');
    }
    return text.slice(0, section.start) + body.replace(present[0], () => line) + text.slice(section.end);
  },
};
