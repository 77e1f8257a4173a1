import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sevenZip } from '../../fixtures/archives/seven-zip.js';
import { emulator } from '../support/emulator.js';
import { commit, git, repository, write } from '../support/git.js';
import { folder, guardsweep } from '../support/program.js';
import { anonToken, botKey, orgToken } from '../support/tokens.js';

/**
 * Every byte that the program leaves behind is searched for tokens planted in every kind of place, names included, and
 * for the credential, plain and in the encodings that a dump of a request would show.
 */
test('no token and no credential in any output, at any level, in any format', async () => {
  const tokens = ['file', 'name', 'branch', 'member', 'message', 'base64', 'user'].map((place) =>
    orgToken(`canary ${place}`),
  );
  const [inFile, inName, inBranch, inMember, inMessage, inBase64, asUser] = tokens as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const others = [anonToken('canary'), botKey('canary')];

  const path = repository();
  commit(
    path,
    {
      'a.txt': `${inFile} ${others.join(' ')}`,
      [`${inName}.txt`]: 'x',
      'b.txt': Buffer.from(inBase64).toString('base64'),
      'Zm9v.txt': 'y',
    },
    `use ${inMessage}`,
  );
  git(path, 'branch', inBranch);
  write(path, { [`${inMember}.txt`]: inMember });
  const member = { [`${inMember}.txt`]: inMember };
  write(path, {
    [`${inMember}.zip`]: await sevenZip(member, { type: 'zip' }),
    'locked.zip': await sevenZip(member, { type: 'zip', args: ['-ppw', '-mem=ZipCrypto'] }),
  });
  writeFileSync(join(path, 'broken.gz'), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]));

  const service = await emulator(
    tokens.map((token, index) => ({
      token,
      user_identifier: index === 0 ? asUser : `user-${index}`,
      status: 'active' as const,
    })),
    ['--dialect', 'id'],
  );
  const home = folder();
  const outputs: Record<string, string> = {};
  const formats = ['text', 'json', 'sarif', 'csv', 'markdown', 'github'];
  const levels = [[], ['--verbose'], ['--quiet'], ['--explain', '--verbose']];
  // Each format on standard output, and all of them in files at each level.
  for (const [index, format] of formats.entries()) {
    const level = levels[index % levels.length]!;
    const call = { env: { ...service.env, HOME: home, GUARDSWEEP_TRACE: '1' } };
    const reports = formats.flatMap((each) => ['--report', `${each}=${join(home, `${index}.${each}`)}`]);
    const ended = await guardsweep(
      ['scan', '--probe-low', '--format', format, ...reports, ...level, path],
      call,
    );
    outputs[`${format} ${level}`] = ended.stdout + ended.stderr;
  }
  const revoking = await guardsweep(
    ['scan', '--revoke', '--yes', '--verbose', '--journal', join(home, 'journal.jsonl'), path],
    {
      env: { ...service.env, HOME: home },
    },
  );
  outputs.revoking = revoking.stdout + revoking.stderr;
  for (const args of [
    ['tokens', 'list'],
    ['tokens', 'list', '--format', 'json'],
    ['doctor'],
    ['tokens', 'probe', '-'],
    ['audit', 'verify', join(home, 'journal.jsonl')],
  ]) {
    const ended = await guardsweep(args, { env: { ...service.env, HOME: home }, stdin: `${inFile}\n` });
    outputs[args.join(' ')] = ended.stdout + ended.stderr;
  }
  for (const file of readdirSync(home, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(home, file)).isFile())
      outputs[`file ${file}`] = readFileSync(join(home, file), 'latin1');
  }
  outputs['log of the emulator'] = JSON.stringify(await service.log());

  const credentials = [
    service.env.TAKUMI_BOT_API_KEY!,
    Buffer.from(service.env.TAKUMI_BOT_API_KEY!).toString('base64'),
  ];
  for (const [name, text] of Object.entries(outputs)) {
    for (const secret of [...tokens, ...others, ...credentials]) {
      // Not the prefix, which is public, but any twelve characters of the body in a row.
      const secretBody = secret.replace(/^(tg_org_|tg_anon_|shisho_apikey_)/, '');
      for (let at = 0; at + 12 <= secretBody.length; at += 4) {
        expect(text.includes(secretBody.slice(at, at + 12)), `${name} shows part of a secret`).toBe(false);
      }
    }
  }
  expect(outputs['text ']).toContain('tg_org_…');
  for (const format of formats) {
    const written = levels.map((_, index) => outputs[`file ${index}.${format}`]);
    for (const text of written) expect(text, format).toMatch(/tg(_|&#95;)org/);
  }
  expect(Object.keys(outputs).some((name) => name.endsWith('journal.jsonl'))).toBe(true);
});
