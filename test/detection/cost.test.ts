import { expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { body } from '../support/tokens.js';

const detector = createDetector(RULES);
const prefix = ['tg', 'org', ''].join('_');

/** What leads to a look at every few bytes, again and again, in one line or in many. */
const CRAFTED = {
  'od -c, in one line': `   ${[...prefix].join('   ')}`,
  xxd: `00000000: 7467 5f6f 7267 5f41 4142 4243 4344 4445  ${prefix}AABBCCDD\n`,
  'hex, in one line': Buffer.from(prefix).toString('hex'),
  base64: 'dGdfb3JnX',
  'quoted-printable': `${prefix}ab=\n`,
  tags: `${prefix}</b>`,
  'tags and text': `${prefix}<b>a</b>`,
  'strings that are joined': `${prefix}a" + "`,
  'low lines that are escaped': prefix.replaceAll('_', '\\_'),
  references: prefix.replaceAll('_', '&#95'),
  'zero-width spaces': prefix.replace('_', '_\xe2\x80\x8b'),
  'a list of numbers': '116,103,95,',
  'numbers with names': '"a1":111,"b":',
  'lists of characters': '"_","o",',
  'characters with carets': 'g^_^o^r^',
  'groups of digits': '7467 5f6f 7267 5f61 6262 6363 6464\n',
  dashes: '74-67-5F-6F-',
  base32: 'ORTV633SM5PQ',
  'partial lines of Kubernetes': `2026-11-24T03:14:15Z stdout P ${prefix}a\n`,
  'second parts of lines of Kubernetes':
    '2026-11-24T03:14:15Z stdout P tg_\n2026-11-24T03:14:15Z stdout F org_\n',
  'partial lines of Docker': `{"log":"${prefix}a","stream":"stdout","time":"2026"}\n`,
  'records of Docker': '{"log":"org_a","stream":"stdout","time":"2026"}\n',
  'strings of records': `${prefix}a","`,
  'full lines': `${prefix.padEnd(80, 'a')}\n`,
  'what may be headers of records': `\x04\x21\x23\x05${prefix}${body('record', 20)}`,
  'text the other way round': [...prefix].reverse().join(''),
  'base64 with something around each line': `# ${'dGdfb3JnX'.repeat(7)}A |\n`,
  'tags that do not end': `${prefix}<span "<span '`,
  'groups of RTF': `${prefix}}{\\\\b {`,
  'second parts behind tags': '<b>org_a',
};

test.each(Object.entries(CRAFTED))('%s: 3 MB cost seconds, not minutes', (_, pattern) => {
  const bytes = Buffer.from(pattern.repeat(3_000_000 / pattern.length), 'latin1');
  // Of the processor, not of the clock: others work beside the tests.
  const begun = process.cpuUsage();
  detector.scan(bytes);
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1_000_000).toBeLessThan(12);
});
