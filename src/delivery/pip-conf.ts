import { type ConfigFormat, DeliveryError } from './config-format.js';
import { insertLine, sectionOf, withLine } from './lines.js';
import { leadsTo, withToken } from './url.js';

/** pip: https://pip.pypa.io/en/stable/topics/configuration/ */
export const pipConf: ConfigFormat = {
  isNamed: (name) => name === 'pip.conf' || name === 'pip.ini',
  registry: 'https://pypi.flatt.tech/simple/',
  insert(text, token, registry) {
    const setting = `index-url = ${withToken(registry, token)}`;
    // In any section: what [install] says goes before [global].
    const present = [...text.matchAll(SETTING)];
    if (present.some(([entry]) => !leadsTo(registry, entry))) {
      throw new DeliveryError('pip.conf names another index; give it as --registry, or change it yourself');
    }
    if (present.length > 0) return text.replace(SETTING, (_, indent: string) => `${indent}${setting}`);
    const section = sectionOf(text, '[global]');
    if (section === undefined) return withLine(withLine(text, '[global]'), setting);
    return insertLine(text, section.start, setting);
  },
};

/** A value goes on in the lines under it that are indented further. */
const SETTING = /^([ \t]*)index[-_]url[ \t]*[=:].*(?:\n\1[ \t]+\S.*)*$/gim;
