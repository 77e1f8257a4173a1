import { type ConfigFormat, DeliveryError } from './config-format.js';
import { withLine } from './lines.js';
import { isUnder, tomlStatements } from './toml.js';
import { leadsTo, withToken } from './url.js';

/** uv: https://docs.astral.sh/uv/concepts/indexes/ */
export const uvToml: ConfigFormat = {
  isNamed: (name) => name === 'uv.toml',
  registry: 'https://pypi.flatt.tech/simple/',
  insert(text, token, registry) {
    const url = `"${withToken(registry, token)}"`;
    const values = tomlStatements(text, 'uv.toml').filter(({ kind }) => kind === 'value');
    const textOf = ({ value }: (typeof values)[number]) => text.slice(value.start, value.end);
    const present = values.find(
      (each) => isIndexUrl(each.path) && each.path.length < 3 && leadsTo(registry, textOf(each)),
    );
    if (present !== undefined) {
      return text.slice(0, present.value.start) + url + text.slice(present.value.end);
    }
    const other = values.some(
      (each) =>
        isUnder(each.path, 'index-url') ||
        isUnder(each.path, 'pip', 'index-url') ||
        (isUnder(each.path, 'index') && each.path.length === 1) ||
        (isUnder(each.path, 'index', 'default') && textOf(each) === 'true'),
    );
    if (other) {
      throw new DeliveryError(
        'uv.toml names another default index; give it as --registry, or change it yourself',
      );
    }
    return ['[[index]]', 'name = "takumi-guard"', `url = ${url}`, 'default = true'].reduce(withLine, text);
  },
};

function isIndexUrl(path: readonly string[]): boolean {
  return isUnder(path, 'index', 'url') || isUnder(path, 'index-url');
}
