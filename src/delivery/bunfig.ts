import { type ConfigFormat, DeliveryError } from './config-format.js';
import { insertLine, withLine } from './lines.js';
import { isUnder, tomlStatements } from './toml.js';
import { leadsTo } from './url.js';

/** Bun: https://bun.sh/docs/runtime/bunfig#install-registry */
export const bunfig: ConfigFormat = {
  isNamed: (name) => name === 'bunfig.toml' || name === '.bunfig.toml',
  registry: 'https://npm.flatt.tech/',
  insert(text, token, registry) {
    const value = `{ url = "${registry.href}", token = "${token}" }`;
    const statements = tomlStatements(text, 'bunfig.toml');
    const ofInstall = statements.filter(({ path }) => isUnder(path, 'install'));
    const ofRegistry = ofInstall.filter(({ path }) => isUnder(path, 'install', 'registry'));
    const [present] = ofRegistry;
    if (present !== undefined) {
      if (ofRegistry.length > 1 || present.path.length > 2 || present.kind !== 'value') {
        throw new DeliveryError(
          'bunfig.toml has its registry as a table; write it as registry = { url = "…" } under [install], or change it yourself',
        );
      }
      const { start, end } = present.value;
      if (!leadsTo(registry, text.slice(start, end))) {
        throw new DeliveryError(
          'bunfig.toml names another registry; give it as --registry, or change it yourself',
        );
      }
      return text.slice(0, start) + value + text.slice(end);
    }
    const table = ofInstall.find(({ path, kind }) => kind === 'table' && path.length === 1);
    if (table !== undefined) return insertLine(text, lineAfter(text, table.value.end), `registry = ${value}`);
    // A table that dotted keys have made must not get a header as well.
    const dotted = ofInstall.find(({ path, written, kind }) => kind === 'value' && written === path.length);
    if (dotted === undefined) return withLine(withLine(text, '[install]'), `registry = ${value}`);
    if (dotted.path.length > 1) return insertLine(text, dotted.start, `install.registry = ${value}`);
    throw new DeliveryError(
      'bunfig.toml has install as an inline table; write it as [install], or change it yourself',
    );
  },
};

function lineAfter(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}
