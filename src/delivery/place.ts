import { bunfig } from './bunfig.js';
import { withoutComments } from './comments.js';
import { type ConfigFormat, DeliveryError } from './config-format.js';
import { npmrc } from './npmrc.js';
import { pipConf } from './pip-conf.js';
import { uvToml } from './uv-toml.js';
import { yarnrc } from './yarnrc.js';

const FORMATS: readonly ConfigFormat[] = [npmrc, yarnrc, bunfig, pipConf, uvToml];
const TOKEN = /tg_org_[A-Za-z0-9_-]{16,}/g;
const ONE_TOKEN = /^tg_org_[A-Za-z0-9_-]{16,512}$/;
/** `_auth`, in which npm keeps user and password as base64. */
const AUTH = /(?<=_auth\s*=\s*"?)[A-Za-z0-9+/]{24,}={0,2}/g;
const BOM = '\xef\xbb\xbf';

/**
 * A configuration file with `token` in it: in the place of the one it holds, encoded as that was, or where its format
 * wants one. Comments stay as they are.
 *
 * @param text its bytes, a character each: only ASCII is looked at, and everything else goes back as it came.
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
    throw new DeliveryError('the service issued something that is not a tg_org_ token');
  if (text.includes('\0')) {
    throw new DeliveryError(
      `${name} is not UTF-8 text (it holds zero bytes, as UTF-16 does); save it as UTF-8`,
    );
  }
  const held = tokensIn(text);
  const replaced = options.old !== undefined && held.includes(options.old) ? options.old : held[0];
  if (replaced !== undefined) {
    if (held.length > 1 && replaced !== options.old) {
      throw new DeliveryError(
        `${name} holds ${held.length} different tokens; which one to replace cannot be told`,
      );
    }
    return swapped(text, replaced, token);
  }
  const format = FORMATS.find(({ isNamed }) => isNamed(name));
  if (format === undefined) {
    throw new DeliveryError(
      `${name} holds no token, and how to put one into it is not known. Known are .npmrc, .yarnrc.yml, bunfig.toml, pip.conf and uv.toml`,
    );
  }
  return asWritten(text, (lines) =>
    format.insert(lines, token, options.registry ?? new URL(format.registry)),
  );
}

/** The different tokens that a configuration file works with, as they are or in `_auth`, in order. */
export function tokensIn(text: string): string[] {
  const plain = withoutComments(text);
  const encoded = [...plain.matchAll(AUTH)].map(([value]) => Buffer.from(value, 'base64').toString('latin1'));
  return [...new Set([plain, ...encoded].flatMap((part) => part.match(TOKEN) ?? []))];
}

function swapped(text: string, old: string, token: string): string {
  const swap = (part: string) => part.replace(TOKEN, (found) => (found === old ? token : found));
  const inAuth = (encoded: string) => {
    const decoded = Buffer.from(encoded, 'base64').toString('latin1');
    const fresh = swap(decoded);
    return fresh === decoded ? encoded : Buffer.from(fresh, 'latin1').toString('base64');
  };
  return inForce(inForce(text, TOKEN, swap), AUTH, inAuth);
}

/** Replaces what `pattern` finds outside comments. */
function inForce(text: string, pattern: RegExp, replace: (found: string) => string): string {
  let done = '';
  let from = 0;
  for (const { 0: found, index } of withoutComments(text).matchAll(pattern)) {
    done += text.slice(from, index) + replace(found);
    from = index + found.length;
  }
  return done + text.slice(from);
}

/** Lets `insert` work on plain lines; the file keeps its byte order mark and its ends of lines. */
function asWritten(text: string, insert: (lines: string) => string): string {
  const mark = text.startsWith(BOM) ? BOM : '';
  const content = text.slice(mark.length);
  const windows = content.includes('\r\n') && !/(?<!\r)\n/.test(content);
  if (!windows) return mark + insert(content);
  return mark + insert(content.replaceAll('\r\n', '\n')).replaceAll('\n', '\r\n');
}
