import type { Mark } from './marks.js';

/**
 * How what git sends over a connection begins (gitprotocol-pack, gitprotocol-v2), each line behind its length: answers to a
 * fetch, in either version; and refs with their IDs, as a server offers them and a push names them.
 */
const ANSWERS = [
  'NAK',
  'version 1',
  'version 2',
  'acknowledgments',
  'shallow-info',
  'wanted-refs',
  'packfile',
];
const IDS = ['0031ACK ', '0038ACK ', '0034shallow ', '0035shallow '];
const REFS = [...'3456789abcdef'].map((digit) => `00${digit}`).concat('01');

export const GIT_WIRE: readonly Omit<Mark, 'format'>[] = [
  ...ANSWERS.map((text) => ({ text: lineOf(`${text}\n`) })),
  ...IDS.map((text) => ({ text })),
  ...REFS.map((text) => ({ text, fits: isRef })),
];

function isRef(head: Uint8Array): boolean {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 512)).toString('latin1');
  return /^[\da-f]{4}(?:[\da-f]{40}|[\da-f]{64}) (?:HEAD|refs\/|[\da-f]{40})/.test(start);
}

function lineOf(text: string): string {
  return (4 + text.length).toString(16).padStart(4, '0') + text;
}
