import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { buildElf } from '../../fixtures/archives/program-builder.js';
import { buildNumpy } from '../../fixtures/archives/records-builder.js';
import { buildTar } from '../../fixtures/archives/tar-builder.js';
import { emulatorHere } from '../support/emulator.js';
import { guardsweep } from '../support/in-process.js';
import { folder } from '../support/program.js';
import { findingOf, reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

/** A program in which the token stands between others, with nothing between; as long as is asked. */
function programWith(token: string, length = 0): Buffer {
  const program = buildElf(['unexpected EOF', 'user', token, 'alice', 'x'.repeat(300)], 'x86', 2);
  return Buffer.concat([program, Buffer.alloc(Math.max(0, length - program.length), 'text\0')]);
}

test('a token in a program is found as it is, alone and packed, and is the one that dies', async () => {
  const tokens = ['hex', 'base32', 'base62', 'base64url'].map((alphabet, index) =>
    orgToken(`linked ${alphabet}`, 20 + 9 * index, alphabet as 'hex').replace(/[-_]$/, '7'),
  );
  const cwd = folder();
  const [alone, long, packed, longPacked] = tokens.map((token, index) =>
    programWith(token, index % 2 === 0 ? 0 : 1_200_000),
  );
  writeFileSync(join(cwd, 'alone'), alone!);
  writeFileSync(join(cwd, 'long'), long!);
  const members = [
    { name: 'bin/a', data: packed! },
    { name: 'bin/b', data: longPacked! },
  ];
  writeFileSync(join(cwd, 'layer.tar.gz'), gzipSync(buildTar(members), { level: 1 }));
  const service = await emulatorHere(
    tokens.map((token) => ({ token, user_identifier: token.slice(-5), status: 'active' })),
  );
  const args = ['scan', '--revoke', '--yes', '--max-share', '100%', '--explain', '--format', 'json', '.'];
  const report = reportOf(await guardsweep(args, { cwd, env: service.env }));
  for (const token of tokens) {
    const finding = findingOf(report, token);
    expect(finding?.confidence).toBe('high');
    expect(finding?.sightings[0]?.reasons).toContain('stored_length');
    expect(finding?.remediation.state).toBe('verified_revoked');
  }
  const others = report.findings.filter(({ confidence }) => confidence === 'low');
  expect(new Set(others.map(({ sightings }) => sightings[0]?.reasons?.join()))).toEqual(
    new Set(['other_reading']),
  );
  expect(report.findings).toHaveLength(tokens.length + others.length);
});

test('in a program that names it nowhere, the likely end is told, and the others beside it', async () => {
  const token = orgToken('nameless', 40);
  const cwd = folder();
  const before = 'words of a program '.repeat(30);
  const program = buildElf([before, 'user', token, 'production', before, 'x'], 'pair', 5);
  writeFileSync(join(cwd, 'a'), program);
  const args = ['scan', '--no-probe', '--explain', '--format', 'json', 'a'];
  const report = reportOf(await guardsweep(args, { cwd }));
  expect(findingOf(report, token)?.sightings[0]?.reasons).toEqual(['random_body', 'loose_end']);
  expect(findingOf(report, `${token}productionwords`)?.confidence).toBe('low');
});

test('so is one in an array whose texts fill their width, in UTF-32', async () => {
  const token = orgToken('array', 32, 'hex');
  const cwd = folder();
  const rows = ['a'.repeat(token.length), token, `b7${'c'.repeat(token.length - 2)}`].join('');
  const data = Buffer.alloc(4 * rows.length);
  for (const [index, character] of [...rows].entries())
    data.writeUInt32LE(character.charCodeAt(0), 4 * index);
  writeFileSync(join(cwd, 'a.npy'), buildNumpy(`'<U${token.length}'`, data));
  const args = ['scan', '--no-probe', '--explain', '--format', 'json', 'a.npy'];
  const report = reportOf(await guardsweep(args, { cwd }));
  const [surely, ...others] = report.findings.filter(({ confidence }) => confidence === 'high');
  expect(surely).toEqual(findingOf(report, token));
  expect(surely?.sightings[0]).toMatchObject({ via: ['utf32le'], reasons: ['random_body', 'stored_length'] });
  expect(others).toEqual([]);
});

test('where nothing tells, each end is probed, and only the one that is alive dies; of others it is said why', async () => {
  const token = orgToken('in rows', 40);
  const dead = orgToken('dead in rows', 40);
  const cwd = folder();
  writeFileSync(join(cwd, 'rows.bin'), Buffer.from(`\0\x01carol${token}x4\x02\x07carol${dead}alice\x03`));
  const service = await emulatorHere([{ token, user_identifier: 'carol', status: 'active' }]);
  const args = ['scan', '--revoke', '--yes', '--max-share', '100%', '--format', 'json', 'rows.bin'];
  const report = reportOf(await guardsweep(args, { cwd, env: service.env }));
  expect(findingOf(report, token)?.remediation.state).toBe('verified_revoked');
  expect(report.findings.filter(({ verdict }) => verdict.state === 'active')).toHaveLength(1);
  expect(findingOf(report, dead)?.verdict.state).toBe('foreign');
  const reasons = report.findings.map(({ verdict: { state, reason = '' } }) => `${state} ${reason}`);
  expect(reasons).toContainEqual(expect.stringContaining('foreign nothing tells where it ends'));
});
