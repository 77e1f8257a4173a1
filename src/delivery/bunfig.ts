import { type ConfigFormat, DeliveryError } from './config-format.js';
import { insertLine, sectionOf, withLine } from './lines.js';

/** Bun: https://bun.sh/docs/runtime/bunfig#install-registry */
export const bunfig: ConfigFormat = {
  isNamed: (name) => name === 'bunfig.toml' || name === '.bunfig.toml',
  registry: 'https://npm.flatt.tech/',
  insert(text, token, registry) {
    const line = `registry = { url = "${registry.href}", token = "${token}" }`;
    if (/^[ \t]*(\[[ \t]*install[ \t]*\.[ \t]*registry|registry[ \t]*\.)/m.test(text)) {
      throw new DeliveryError(
        'bunfig.toml has its registry as a table; write it as registry = { url = "…" } under [install], or change it yourself',
      );
    }
    const section = sectionOf(text, '[install]');
    if (section === undefined) return withLine(withLine(text, '[install]'), line);
    const body = text.slice(section.start, section.end);
    const present = /^[ \t]*registry[ \t]*=.*$/m.exec(body);
    if (present === null) return insertLine(text, section.start, line);
    if (!present[0].includes(`//${registry.host}`)) {
      throw new DeliveryError(
        'bunfig.toml names another registry; give it as --registry, or change it yourself',
      );
    }
    return text.slice(0, section.start) + body.replace(present[0], () => line) + text.slice(section.end);
  },
};
