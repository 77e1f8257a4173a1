import { type ConfigFormat, DeliveryError } from './config-format.js';
import { withLine } from './lines.js';
import { withToken } from './url.js';

/** uv: https://docs.astral.sh/uv/concepts/indexes/ */
export const uvToml: ConfigFormat = {
  isNamed: (name) => name === 'uv.toml',
  registry: 'https://pypi.flatt.tech/simple/',
  insert(text, token, registry) {
    const url = `url = "${withToken(registry, token)}"`;
    for (const present of text.matchAll(/^[ \t]*url[ \t]*=.*$/gm)) {
      if (!present[0].includes(registry.host)) continue;
      return text.slice(0, present.index) + url + text.slice(present.index + present[0].length);
    }
    if (/^[ \t]*(default[ \t]*=[ \t]*true|index(-url)?[ \t]*=)/m.test(text)) {
      throw new DeliveryError(
        'uv.toml names another default index; give it as --registry, or change it yourself',
      );
    }
    return ['[[index]]', 'name = "takumi-guard"', url, 'default = true'].reduce(withLine, text);
  },
};
