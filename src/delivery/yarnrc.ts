import { withoutComments } from './comments.js';
import { type ConfigFormat, DeliveryError } from './config-format.js';
import { withLine } from './lines.js';
import { leadsTo } from './url.js';

/** Yarn from 2 on: https://yarnpkg.com/configuration/yarnrc#npmAuthToken */
export const yarnrc: ConfigFormat = {
  isNamed: (name) => name === '.yarnrc.yml',
  registry: 'https://npm.flatt.tech/',
  insert(text, token, registry) {
    const line = `npmAuthToken: "${token}"`;
    const settings = settingsOf(text);
    // Of several the last one counts.
    const last = (name: string) => settings.findLast(({ key }) => key === name);
    const server = last('npmRegistryServer');
    // The token goes to whichever server stands there.
    if (server !== undefined && !leadsTo(registry, server.text)) {
      throw new DeliveryError(
        '.yarnrc.yml names another registry; give it as --registry, or change it yourself',
      );
    }
    if (last('npmRegistries')?.text.includes(`//${registry.host}`)) {
      throw new DeliveryError(
        `.yarnrc.yml has settings of its own for another way to ${registry.host} (npmRegistries), which go before a token of all; change it yourself`,
      );
    }
    const present = last('npmAuthToken');
    const placed =
      present === undefined
        ? withLine(text, line)
        : text.slice(0, present.start) + line + text.slice(present.end);
    return server === undefined ? withLine(placed, `npmRegistryServer: "${registry.href}"`) : placed;
  },
};

/** A setting at the margin: an indented one belongs to a scope or to another registry. Offsets are half-open. */
interface Setting {
  readonly key: string;
  /** All of it, comments blanked. */
  readonly text: string;
  readonly start: number;
  /** Without the end of its last line. */
  readonly end: number;
}

const KEY = /^(["']?)([A-Za-z][\w-]*)\1[ \t]*:(?=[ \t\r]|$)/;
/** What goes on with the setting before: an indented line, an item of a list, the end of what was opened. */
const GOES_ON = /^([ \t]+\S|-([ \t]|$)|[\]}])/;

/** @throws {DeliveryError} where the file is anything but settings, one under the other, so that no line can be added. */
function settingsOf(text: string): Setting[] {
  const settings: Setting[] = [];
  let start = 0;
  for (const line of withoutComments(text).split('\n')) {
    const end = start + line.trimEnd().length;
    const key = KEY.exec(line)?.[2];
    const before = settings.at(-1);
    if (key !== undefined) settings.push({ key, text: line, start, end });
    else if (before !== undefined && GOES_ON.test(line)) {
      settings[settings.length - 1] = { ...before, text: `${before.text}\n${line}`, end };
    } else if (!/^\s*$|^---\s*$/.test(line) || (line.startsWith('---') && before !== undefined)) {
      throw new DeliveryError('.yarnrc.yml is written in a way that cannot be followed; change it yourself');
    }
    start += line.length + 1;
  }
  return settings;
}
