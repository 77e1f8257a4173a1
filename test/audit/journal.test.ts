import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Journal } from '../../src/audit/journal.js';
import { writeLine } from '../../src/audit/line.js';
import { verifyJournal } from '../../src/audit/verify.js';
import type { JournalEntry } from '../../src/model/journal.js';
import { orgToken } from '../support/tokens.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  file = join(folder, 'journal.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (redact = (text: string) => text) => Journal.open(file, { redact, now: () => new Date(0) });
const entry = (event: JournalEntry['event'], tokenId = 'T1'): JournalEntry => ({
  event,
  run: 'r1',
  action: 'revoke',
  fingerprint: 'gs1_x',
  tokenId,
});
function write(...entries: JournalEntry[]): void {
  const journal = open();
  try {
    for (const each of entries) journal.append(each);
  } finally {
    journal.close();
  }
}
const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n');

test('lines are numbered, dated, chained and private', () => {
  write(entry('PLANNED'), entry('INTENT'));
  write({ ...entry('ACK'), httpStatus: 204, userIdentifier: 'alice', evidence: 'probe_id' });
  const parsed = lines().map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(parsed.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(parsed[1]!.prev).toBe(parsed[0]!.hash);
  expect(parsed[2]).toMatchObject({
    at: '1970-01-01T00:00:00.000Z',
    token_id: 'T1',
    http_status: 204,
    user_identifier: 'alice',
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(verifyJournal(file)).toMatchObject({ ok: true, lines: 3, truncated: 0, head: parsed[2]!.hash });
});

test('text is redacted before it is hashed and written', () => {
  const token = orgToken('journal');
  const journal = open((text) => text.replaceAll(token, 'tg_org_…'));
  journal.append({ event: 'UNKNOWN', run: 'r1', detail: `the proxy said ${token}` });
  journal.close();
  expect(readFileSync(file, 'utf8')).not.toContain(token);
  expect(verifyJournal(file).ok).toBe(true);
});

describe('alterations are found, and the first line that does not belong is named', () => {
  const cases: [string, (lines: string[]) => string[], number, RegExp][] = [
    ['a changed value', ([a, b, c]) => [a!, b!.replace('T1', 'T2'), c!], 2, /hash does not match/],
    ['a removed line', ([a, , c]) => [a!, c!], 2, /does not follow/],
    ['a removed first line', ([, b, c]) => [b!, c!], 1, /does not follow/],
    ['swapped lines', ([a, b, c]) => [a!, c!, b!], 2, /does not follow/],
    ['a line twice', ([a, b, c]) => [a!, b!, b!, c!], 3, /does not follow/],
    ['a line of something else', ([a, b, c]) => [a!, '{"seq":2}', b!, c!], 2, /does not end in a hash/],
    ['an empty line', ([a, b, c]) => [a!, '', b!, c!], 2, /does not end in a hash/],
    ['something behind the hash', ([a, b, c]) => [a!, `${b} `, c!], 2, /does not end in a hash/],
  ];
  test.each(cases)('%s', (_, alter, line, reason) => {
    write(entry('PLANNED'), entry('INTENT'), entry('ACK'));
    writeFileSync(
      file,
      alter(lines())
        .map((text) => `${text}\n`)
        .join(''),
    );
    expect(verifyJournal(file)).toMatchObject({
      ok: false,
      truncated: 0,
      lines: line - 1,
      broken: { line, reason: expect.stringMatching(reason) },
    });
    const before = readFileSync(file, 'utf8');
    expect(() => open()).toThrow(`was altered: line ${line}`);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('every changed bit of the file', () => {
    write(entry('INTENT'), entry('ACK'));
    const good = readFileSync(file);
    for (let at = 0; at < good.length - 1; at++) {
      const bad = Buffer.from(good);
      bad[at]! ^= 1;
      writeFileSync(file, bad);
      expect(verifyJournal(file).ok, `byte ${at}`).toBe(false);
    }
  });
});

test('a line whose hash fits and that is no JSON is found', () => {
  const body = '{"seq":1 and more}';
  const hash = createHash('sha256').update(body).digest('hex');
  writeFileSync(file, `${body.slice(0, -1)},"hash":"${hash}"}\n`);
  expect(verifyJournal(file).broken).toEqual({ line: 1, reason: 'it is not JSON' });
});

test('a run begins with whose tokens it is about, and says so once', () => {
  const journal = Journal.open(file, { redact: (text) => text, service: 'https://api/v1/o/org' });
  for (const event of ['RUN', 'INTENT'] as const) journal.append(entry(event));
  journal.close();
  write({ event: 'RUN', run: 'r2' });
  expect(lines().map((line) => JSON.parse(line).service)).toEqual([
    'https://api/v1/o/org',
    undefined,
    undefined,
  ]);
});

test('the first line follows sixty-four zeros', () => {
  write(entry('PLANNED'));
  expect((JSON.parse(lines()[0]!) as { prev: string }).prev).toBe('0'.repeat(64));
});

test('what has no end within a line’s longest is no journal; what may still become a line is cut off', () => {
  const longest = 2 ** 24;
  write(entry('PLANNED'));
  const { size } = statSync(file);
  const begun = '{"seq":2,"at":"';
  appendFileSync(file, begun + 'x'.repeat(longest - begun.length));
  expect(verifyJournal(file)).toMatchObject({ ok: true, lines: 1, truncated: longest });
  appendFileSync(file, 'x');
  expect(verifyJournal(file)).toMatchObject({
    ok: false,
    lines: 1,
    broken: { line: 2, reason: 'it is longer than any line of a journal' },
  });
  truncateSync(file, size);
  expect(verifyJournal(file).ok).toBe(true);
});

test('what somebody else has written without an end is no line that was cut off, and stays', () => {
  for (const text of ['a log', 'x', '{"seq":2,"at":"2026', '{"seq":1,"at":x', '\0\0x', '{"s\0\0eq']) {
    writeFileSync(file, text);
    const broken = { line: 1, reason: 'it is no line of a journal' };
    expect(verifyJournal(file), text).toMatchObject({ ok: false, lines: 0, truncated: 0, broken });
    expect(() => write(entry('PLANNED')), text).toThrow('was altered: line 1');
    expect(readFileSync(file, 'utf8')).toBe(text);
  }
  for (const cut of ['{', '{"seq":1,"at":"', '{"seq":1,"at":"2026', '{"s\0\0', '\0']) {
    writeFileSync(file, cut);
    expect(verifyJournal(file), cut).toMatchObject({ ok: true, lines: 0, truncated: cut.length });
  }
});

test('what is verified is told exactly', () => {
  write(entry('INTENT'));
  const { hash } = JSON.parse(lines()[0]!) as { hash: string };
  expect(verifyJournal(file)).toStrictEqual({
    ok: true,
    lines: 1,
    head: hash,
    truncated: 0,
    open: [{ run: 'r1', action: 'revoke', fingerprint: 'gs1_x', tokenId: 'T1', last: 'INTENT', line: 1 }],
  });
});

test('what is no file is no journal', () => {
  expect(() => verifyJournal(folder)).toThrow(`${folder} is not a regular file`);
});

test.skipIf(!existsSync('/proc/self/fd'))('verifying leaves nothing open', () => {
  write(entry('INTENT'));
  const before = readdirSync('/proc/self/fd').length;
  for (let time = 0; time < 20; time++) verifyJournal(file);
  expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 20);
});

test('a line with a number of its own choice is found, although its hash and its link fit', () => {
  write(entry('PLANNED'));
  const head = verifyJournal(file).head;
  appendFileSync(file, `${writeLine(entry('INTENT'), 3, '1970-01-01T00:00:00.000Z', head).text}\n`);
  expect(verifyJournal(file).broken).toEqual({ line: 2, reason: 'it is numbered 3 instead of 2' });
});

test('cut off at any byte, the whole lines count, and appending goes on after them', () => {
  write(entry('PLANNED'), entry('INTENT'), entry('ACK'));
  const good = readFileSync(file);
  const ends = [...good.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
  for (let length = 0; length <= good.length; length++) {
    writeFileSync(file, good);
    truncateSync(file, length);
    const whole = ends.filter((end) => end <= length);
    const verification = verifyJournal(file);
    expect(verification).toMatchObject({
      ok: true,
      lines: whole.length,
      truncated: length - (whole.at(-1) ?? 0),
    });
    expect(verification.open.map(({ last }) => last)).toEqual(
      whole.length < 2 ? [] : [whole.length === 2 ? 'INTENT' : 'ACK'],
    );
    if (length % 7 === 0) {
      write(entry('VERIFIED'));
      expect(verifyJournal(file)).toMatchObject({ ok: true, lines: whole.length + 1, truncated: 0 });
    }
  }
});

test('what is begun and not ended is open; each token by itself', () => {
  write(
    entry('INTENT', 'T1'),
    entry('ACK', 'T1'),
    entry('VERIFIED', 'T1'),
    entry('INTENT', 'T2'),
    entry('INTENT', 'T3'),
    entry('UNKNOWN', 'T3'),
  );
  expect(verifyJournal(file).open).toMatchObject([
    { tokenId: 'T2', last: 'INTENT', line: 4 },
    { tokenId: 'T3', last: 'UNKNOWN', line: 6 },
  ]);
});

describe('one writer', () => {
  const lock = (content: unknown) => writeFileSync(`${file}.lock`, JSON.stringify(content));

  test('a second one is told who writes', () => {
    const journal = open();
    expect(() => open()).toThrow(`is being written by process ${process.pid} on ${hostname()}`);
    journal.close();
    open().close();
  });

  test('a lock that a crash left is taken over', () => {
    lock({ pid: 2 ** 22 + 1, host: hostname() });
    open().close();
    expect(() => statSync(`${file}.lock`)).toThrow('ENOENT');
  });

  test('also when its number belongs to another process by now', () => {
    lock({ pid: process.pid, host: hostname(), started: '1' });
    open().close();
  });

  test('a lock of another machine is not: nothing can be known of it', () => {
    lock({ pid: 2 ** 22 + 1, host: 'elsewhere.example' });
    expect(() => open()).toThrow('elsewhere.example');
  });

  test('nor is one that is just being made', () => {
    writeFileSync(`${file}.lock`, '');
    expect(() => open()).toThrow('is being written by another process');
  });
});

test('after closing nothing is written any more: the descriptor may be another file by then', () => {
  const journal = open();
  journal.append(entry('PLANNED'));
  journal.close();
  expect(() => journal.append(entry('INTENT'))).toThrow('is closed');
  expect(verifyJournal(file)).toMatchObject({ ok: true, lines: 1 });
});

test('a link in its place is refused', () => {
  writeFileSync(join(folder, 'elsewhere'), '');
  symlinkSync(join(folder, 'elsewhere'), file);
  expect(() => open()).toThrow(/cannot be opened: .*ELOOP/);
});

test('what stood in it is there to be read', () => {
  write(entry('PLANNED'), entry('INTENT'));
  const journal = open();
  expect(journal.earlier.map(({ seq, event }) => [seq, event])).toEqual([
    [1, 'PLANNED'],
    [2, 'INTENT'],
  ]);
  journal.close();
  expect(Object.keys(journal.earlier[0]!).sort(), 'and no field that stood in no line').toEqual(
    ['seq', 'at', 'prev', 'event', 'run', 'action', 'fingerprint', 'tokenId', 'hash'].sort(),
  );
  rmSync(file);
  const fresh = open();
  expect(fresh.earlier).toEqual([]);
  fresh.close();
});

test('why it cannot be opened is said once, with the cause', () => {
  const failure = (): Error => {
    try {
      open().close();
    } catch (error) {
      return error as Error;
    }
    throw new Error('it was opened');
  };
  write(entry('PLANNED'));
  appendFileSync(file, 'something else\n');
  expect(failure()).toMatchObject({
    name: 'JournalError',
    message: `${file} was altered: line 2: it does not end in a hash. Nothing is appended to it; keep it as it is and use another --journal.`,
  });
  rmSync(file);
  symlinkSync(join(folder, 'elsewhere'), file);
  expect(failure()).toMatchObject({
    name: 'JournalError',
    message: expect.stringMatching(new RegExp(`^The journal ${file} cannot be opened: ELOOP`)),
    cause: expect.objectContaining({ code: 'ELOOP' }),
  });
  rmSync(file);
  writeFileSync(`${file}.lock`, JSON.stringify({ pid: process.pid, host: 'elsewhere.example' }));
  expect(failure().name).toBe('JournalLocked');
  file = join(folder, 'missing', 'journal.jsonl');
  expect(failure()).toMatchObject({
    name: 'JournalError',
    message: expect.stringMatching(new RegExp(`^The journal ${file} cannot be written: ENOENT: [a-z ]+\\.$`)),
    cause: expect.objectContaining({ code: 'ENOENT' }),
  });
});

test.skipIf(!existsSync('/proc/self/fd'))(
  'opening it leaves nothing open, whether it can be opened or not',
  () => {
    write(entry('PLANNED'));
    const before = readdirSync('/proc/self/fd').length;
    for (let time = 0; time < 20; time++) open().close();
    appendFileSync(file, 'something else\n');
    for (let time = 0; time < 20; time++) expect(() => open()).toThrow('altered');
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 20);
  },
);
