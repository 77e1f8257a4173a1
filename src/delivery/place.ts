import { bunfig } from './bunfig.js';
import { type ConfigFormat, DeliveryError } from './config-format.js';
import { npmrc } from './npmrc.js';
import { pipConf } from './pip-conf.js';
import { uvToml } from './uv-toml.js';
import { yarnrc } from './yarnrc.js';

const FORMATS: readonly ConfigFormat[] = [npmrc, yarnrc, bunfig, pipConf, uvToml];
const TOKEN = /tg_org_[A-Za-z0-9_-]{16,}/g;
const ONE_TOKEN = /^tg_org_[A-Za-z0-9_-]{16,512}$/;
/** `_auth`, in which npm keeps user and password as base64. */
const AUTH = /(_auth\s*=\s*"?)([A-Za-z0-9+/]{24,}={0,2})/g;

/**
 * The text of a configuration file with `token` in it: in the place of the one it holds, encoded as that was, or where
 * its format wants one.
 *
 * @param old which of several it replaces.
 */
export function place(
  text: string,
  name: string,
  token: string,
  options: { readonly registry?: URL; readonly old?: string } = {},
): string {
  // What the service answers goes into a file that programs obey: nothing but a token may pass.
  if (!ONE_TOKEN.test(token))
    throw new DeliveryError('the service issued something that is no tg_org_ token');
  const held = tokensIn(text);
  const replaced = options.old !== undefined && held.includes(options.old) ? options.old : held[0];
  if (replaced !== undefined) {
    if (held.length > 1 && replaced !== options.old) {
      throw new DeliveryError(
        `${name} holds ${held.length} different tokens; which one to replace can not be told`,
      );
    }
    const swap = (part: string) => part.replace(TOKEN, (found) => (found === replaced ? token : found));
    return swap(text).replace(AUTH, (whole, before: string, encoded: string) => {
      const decoded = Buffer.from(encoded, 'base64').toString('latin1');
      const swapped = swap(decoded);
      return swapped === decoded ? whole : before + Buffer.from(swapped, 'latin1').toString('base64');
    });
  }
  const format = FORMATS.find(({ isNamed }) => isNamed(name));
  if (format === undefined) {
    throw new DeliveryError(
      `${name} holds no token, and how to put one into it is not known. Known are .npmrc, .yarnrc.yml, bunfig.toml, pip.conf and uv.toml`,
    );
  }
  return format.insert(text, token, options.registry ?? new URL(format.registry));
}

/** The different tokens that a configuration file holds, as they are or in `_auth`, in order. */
export function tokensIn(text: string): string[] {
  const encoded = [...text.matchAll(AUTH)].map(([, , value]) =>
    Buffer.from(value!, 'base64').toString('latin1'),
  );
  return [...new Set([text, ...encoded].flatMap((part) => part.match(TOKEN) ?? []))];
}
