import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildTar, paxRecord } from '../../../fixtures/archives/tar-builder.js';
import { buildZip } from '../../../fixtures/archives/zip-builder.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf, reasonsOf } from '../collect.js';

const token = orgToken('tar');
const text = `token=${token}\n`;
const deep = `${'folder/'.repeat(20)}file.txt`;

describe.each([
  { way: 'in memory', piped: false },
  { way: 'through a pipe', piped: true },
])('a tar $way', ({ piped }) => {
  const read = (bytes: Buffer, name = 'a') => collect(expanding(bytes, { piped, name }));

  test('cut anywhere, also between two members, it is not taken for whole', async () => {
    const whole = buildTar(['a', 'b', 'c'].map((name) => ({ name, data: text })));
    const content = 6 * 512;
    for (let length = 512; length <= content; length += 64)
      expect(reasonsOf(await read(whole.subarray(0, length))), `${length} bytes`).toEqual([
        expect.stringMatching(/^corrupt a(?:![abc])?$/),
      ]);
    expect((await read(whole.subarray(0, content + 512))).diagnostics).toEqual([]);
  });

  test('a long member that is packed itself is measured by its own bytes, not by those before it', async () => {
    const noise = randomBytes(2_000_000).toString('hex');
    const data = gzipSync(noise + text);
    const file = buildTar([{ name: 'app.log.gz', data }]);
    const limits = { ratio: 3, ratioFloor: 1_000_000 };
    const seen = await collect(expanding(file, { piped, limits }));
    expect(placesOf(token, seen)).toEqual(['a!app.log.gz!app.log']);
    expect(seen.diagnostics).toEqual([]);
  });

  test.each(['v7', 'ustar', 'gnu', 'pax'] as const)(
    '%s: shows every member and nothing twice',
    async (dialect) => {
      const name = dialect === 'v7' ? 'short' : deep;
      const seen = await read(
        buildTar(
          [
            { name: 'one', data: text },
            { name: 'folder/', type: '5' },
            { name, data: `x${text}` },
            { name: 'empty' },
            { name: 'last', data: 'y'.repeat(513) + text },
          ],
          { dialect },
        ),
      );
      expect(placesOf(token, seen)).toEqual(['a!one', `a!${name}`, 'a!last']);
      expect(seen.diagnostics).toEqual([]);
    },
  );

  test('tar.gz: members name the archive, not the tar in between', async () => {
    const seen = await read(gzipSync(buildTar([{ name: '.npmrc', data: text }])), 'backup.tar.gz');
    expect(placesOf(token, seen)).toEqual(['backup.tar.gz!.npmrc']);
  });

  test('searches names, link targets, owners and pax records', async () => {
    const seen = await read(
      buildTar([
        { name: `dir-${token}/file`, data: 'x' },
        { name: 'link', type: '2', link: `/run/${token}` },
        { name: 'owned', owner: token.slice(0, 31) },
        { name: 'PaxHeader', type: 'x', data: paxRecord('comment', token) },
        { name: 'commented', data: 'x' },
      ]),
    );
    expect(placesOf(token.slice(0, 31), seen)).toEqual([
      `name:a!dir-${token}/file`,
      'name:a!link',
      'name:a!owned',
      'name:a!commented',
    ]);
  });

  test('reads archives inside, also those that need random access', async () => {
    const zip = buildZip([{ name: '.npmrc', data: text }]);
    const seen = await read(
      buildTar([
        { name: 'in.zip', data: zip },
        { name: 'in.tgz', data: gzipSync(buildTar([{ name: 'b', data: text }])) },
      ]),
    );
    expect(placesOf(token, seen)).toEqual(['a!in.zip!.npmrc', 'a!in.tgz!b']);
  });

  test('goes on at the next header after damage, and scans what lies between', async () => {
    const tar = buildTar([
      { name: 'one', data: text },
      { name: 'two', data: `lost header ${text}` },
      { name: 'three', data: text },
    ]);
    tar.fill('#', 1024, 1024 + 400);
    const seen = await read(tar);
    expect(placesOf(token, seen)).toEqual(['a!one', 'a', 'a!three']);
    expect(reasonsOf(seen)).toEqual(['corrupt a']);
    expect(seen.diagnostics[0]!.detail).toContain('byte 1024');
  });

  test('reads what comes before a cut', async () => {
    const tar = buildTar([{ name: 'cut', data: text + 'z'.repeat(5000) }]);
    const seen = await read(tar.subarray(0, 1100));
    expect(placesOf(token, seen)).toEqual(['a!cut']);
    expect(reasonsOf(seen)).toEqual(['corrupt a!cut']);
  });

  test('reads archives that were appended to another', async () => {
    const seen = await read(
      Buffer.concat([buildTar([{ name: 'one' }]), buildTar([{ name: 'two', data: text }])]),
    );
    expect(placesOf(token, seen)).toEqual(['a!two']);
    expect(seen.diagnostics).toEqual([]);
  });

  test('takes a link with a size at its word only where data follows', async () => {
    const claim = buildTar([
      { name: 'link', type: '1', link: 'x', sizeClaim: 700 },
      { name: 'after', data: text },
    ]);
    expect(placesOf(token, await read(claim))).toEqual(['a!after']);
    const held = buildTar([
      { name: 'link', type: '1', link: 'x', data: text.repeat(20) },
      { name: 'after', data: 'x' },
    ]);
    expect(placesOf(token, await read(held))).toEqual(['a!link']);
  });

  test('searches what headers say of a member that never comes', async () => {
    const seen = await read(buildTar([{ name: 'x', type: 'x', data: paxRecord('comment', token) }]));
    expect(placesOf(token, seen)).toEqual(['name:a']);
    expect(reasonsOf(seen)).toEqual(['corrupt a']);
  });

  test('searches pax records that are none', async () => {
    const seen = await read(buildTar([{ name: 'x', type: 'x', data: `99 comment ${token}` }, { name: 'y' }]));
    expect(placesOf(token, seen)).toEqual(['name:a!y']);
  });

  test('a size beyond everything ends in a diagnostic', async () => {
    const seen = await read(buildTar([{ name: 'huge', data: text, sizeClaim: 2 ** 50 }]));
    expect(placesOf(token, seen)).toEqual(['a!huge']);
    expect(reasonsOf(seen)).toEqual(['corrupt a!huge']);
  });
});

test.each(['gnu', 'posix', 'ustar', 'v7', 'oldgnu'])(
  'what tar --format=%s writes is read as it means it',
  async (format) => {
    const folder = mkdtempSync(join(tmpdir(), 'guardsweep-test-'));
    try {
      writeFileSync(join(folder, '.npmrc'), text);
      const name = format === 'v7' ? 'n'.repeat(90) : 'n'.repeat(format === 'ustar' ? 100 : 200);
      writeFileSync(join(folder, name), text);
      symlinkSync('.npmrc', join(folder, 'link'));
      execFileSync('truncate', ['-s', '3M', join(folder, 'sparse')]);
      writeFileSync(join(folder, 'sparse'), text, { flag: 'r+' });
      const sparse = ['gnu', 'posix', 'oldgnu'].includes(format) ? ['--sparse'] : [];
      execFileSync('tar', [`--format=${format}`, ...sparse, '-cf', `${folder}.tar`, '.'], { cwd: folder });
      const seen = await collect(expanding(readFileSync(`${folder}.tar`)));
      expect(placesOf(token, seen).sort()).toEqual(['a!./.npmrc', `a!./${name}`, 'a!./sparse']);
      expect(seen.diagnostics).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
      rmSync(`${folder}.tar`, { force: true });
    }
  },
);
