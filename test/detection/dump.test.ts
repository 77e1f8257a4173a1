import { describe, expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { orgToken } from '../support/tokens.js';

const detector = createDetector(RULES);

const pairs = (row: Buffer) => row.toString('hex').match(/../g)!;
const printed = (row: Buffer) => row.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
const padded = (at: number, digits: number) => at.toString(16).padStart(digits, '0');

/** A line of each tool's dump, of up to so many bytes. */
const DUMPS: Record<string, readonly [number, (row: Buffer, at: number) => string]> = {
  'tcpdump -X': [
    16,
    (row, at) =>
      `\t0x${padded(at, 4)}:  ${row
        .toString('hex')
        .replace(/.{4}(?=.)/g, '$& ')
        .padEnd(39)}  ${printed(row)}`,
  ],
  Wireshark: [16, (row, at) => `${padded(at, 4)}   ${pairs(row).join(' ').padEnd(47)}   ${printed(row)}`],
  WinDbg: [
    16,
    (row, at) =>
      `00007ff6\`${padded(at, 8)}  ${`${pairs(row.subarray(0, 8)).join(' ')}-${(row.length > 8 ? pairs(row.subarray(8)) : []).join(' ')}`.padEnd(47)}  ${printed(row)}`,
  ],
  LLDB: [16, (row, at) => `0x10${padded(at, 8)}: ${pairs(row).join(' ').padEnd(47)}  ${printed(row)}`],
  'Format-Hex of Windows': [
    16,
    (row, at) => `${padded(at, 8)}   ${pairs(row).join(' ').toUpperCase().padEnd(47)}  ${printed(row)}`,
  ],
  'Format-Hex of PowerShell 7': [
    16,
    (row, at) => `${padded(at, 16)} ${pairs(row).join(' ').toUpperCase().padEnd(47)} ${printed(row)}`,
  ],
  'od -A x -t x1z': [
    16,
    (row, at) => `${padded(at, 6)} ${pairs(row).join(' ').padEnd(47)}  >${printed(row)}<`,
  ],
  'xxd -c 32, indented': [
    32,
    (row, at) =>
      `    ${padded(at, 8)}: ${row
        .toString('hex')
        .replace(/.{4}(?=.)/g, '$& ')
        .padEnd(79)}  ${printed(row)}`,
  ],
  'groups of two bytes, without offsets': [16, (row) => row.toString('hex').replace(/.{4}(?=.)/g, '$& ')],
};

describe('a dump is read by its digits, and not by the text beside them', () => {
  test.each(Object.keys(DUMPS))('%s', (name) => {
    const [width, line] = DUMPS[name]!;
    for (let offset = 0; offset < width; offset++) {
      const token = orgToken(`${name} ${offset}`, 40);
      // Text that digits of hex begin is no group.
      const bytes = Buffer.from(`${'deadbeef'.repeat(8)}${'='.repeat(offset)} ${token}\0and more`);
      let text = '';
      for (let at = 0; at < bytes.length; at += width)
        text += `${line(bytes.subarray(at, at + width), at)}\n`;
      const high = detector.scan(Buffer.from(text)).filter(({ confidence }) => confidence === 'high');
      expect(
        high.map(({ secret, via }) => [secret.reveal(), via]),
        `${offset}`,
      ).toEqual([[token, ['hex']]]);
    }
  });
});

test('a line of groups is none of a dump, however long it is', () => {
  for (let rest = 0; rest < 64; rest++) {
    const token = orgToken(`${rest}`, 30 + (rest % 30));
    const text = Buffer.from(`${'='.repeat(rest)} ${token} and more`).toString('hex');
    for (const group of [4, 8, 16]) {
      const found = detector.scan(Buffer.from(text.replace(new RegExp(`.{${group}}(?=.)`, 'g'), '$& ')));
      const high = found.filter(({ confidence }) => confidence === 'high');
      for (const { secret } of high) expect(secret.reveal(), `${rest} ${group}`).toBe(token);
      if (group < 16) expect(high, `${rest} ${group}`).toHaveLength(1);
    }
  }
});

test('lines of 64 bytes and more are read to their ends', () => {
  for (const width of [64, 128, 256]) {
    const token = orgToken(`${width}`);
    const bytes = Buffer.from(`${'='.repeat(width - 20)}${token} and more`);
    const line = (at: number) => {
      const row = bytes.subarray(at, at + width);
      const groups = row.toString('hex').replace(/.{4}(?=.)/g, '$& ');
      return `${padded(at, 8)}: ${groups.padEnd(2.5 * width - 1)}  ${printed(row)}\n`;
    };
    const found = detector.scan(Buffer.from(line(0) + line(width)));
    expect(
      found.filter(({ confidence }) => confidence === 'high').map(({ secret }) => secret.reveal()),
    ).toEqual([token]);
  }
});

test('a line that begins with numbers is no dump: what it cuts is a lead', () => {
  for (const time of ['20261130 101112', '2026 11', '10111213 4455 6677']) {
    const found = detector.scan(Buffer.from(`${time} INFO token=tg_org_aB3xK9\nnext\n`));
    expect(found).toMatchObject([{ confidence: 'low', reasons: ['cut_by_line_end'] }]);
    const whole = detector.scan(Buffer.from(`${time} INFO token=${orgToken(time)}\nnext\n`));
    expect(whole.filter(({ confidence }) => confidence === 'high')).toHaveLength(1);
  }
});

describe('digits end with their line, unless lines are wrapped', () => {
  const token = orgToken('value', 27);
  const digits = Buffer.from(token).toString('hex');
  const high = (text: string) =>
    detector
      .scan(Buffer.from(text))
      .filter(({ confidence }) => confidence === 'high')
      .map(({ secret }) => secret.reveal());

  test.each(['42 rows', '5432', '4a4b4c', '616c6963653d', '30.11.2026', 'deadbeef'.repeat(9)])(
    '%s',
    (below) => {
      expect(high(`${digits}\n${below}\n`)).toEqual([token]);
      expect(high(`key: ${digits}\r\n${below}\r\n`)).toEqual([token]);
      expect(high(`${pairs(Buffer.from(token)).join(' ')}\n${below} of them\n`)).toEqual([token]);
    },
  );

  test('between two digits of a pair, too', () => {
    for (let columns = 21; columns < 58; columns++) {
      const text = Buffer.from(`one line, and ${token}, and more`).toString('hex');
      expect(high(`${text.replace(new RegExp(`.{${columns}}(?=.)`, 'g'), '$&\n')}\n`), `${columns}`).toEqual([
        token,
      ]);
    }
  });
});
