import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sevenZip } from '../../fixtures/archives/seven-zip.js';
import { buildZip } from '../../fixtures/archives/zip-builder.js';
import { commit, git, repository } from '../support/git.js';
import { folder, guardsweep } from '../support/program.js';
import { findingOf, reportOf } from '../support/report.js';
import { botId, botKey, orgToken } from '../support/tokens.js';

const TOKEN = orgToken('found elsewhere');

describe('what cannot be read is listed, and what can be read is found', () => {
  test('a missing path, alone', async () => {
    const ended = await guardsweep(['scan', '/nonexistent/leak.zip']);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/\/nonexistent\/leak\.zip/);
    expect(ended.stdout).toBe('');
  });

  test('a missing path beside one that is there', async () => {
    const { code, report } = await scan(['/nonexistent', planted()]);
    expect(code).toBe(2);
    expect(report.coverage.unscanned).toMatchObject([
      { where: { kind: 'file', path: '/nonexistent' }, reason: 'unreadable' },
    ]);
  });

  test('an unreadable file', async () => {
    const dir = planted();
    writeFileSync(join(dir, 'locked'), 'x');
    chmodSync(join(dir, 'locked'), 0);
    const asUser = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--clear-groups'] : [];
    if (asUser.length > 0) execFileSync('chmod', ['755', dir]);
    const stdout = run([
      ...asUser,
      process.execPath,
      join(import.meta.dirname, '../../dist/cli.js'),
      'scan',
      '--format',
      'json',
      dir,
    ]);
    const report = reportOf({ stdout, stderr: '' });
    expect(findingOf(report, TOKEN)).toBeDefined();
    expect(report.coverage.unscanned).toMatchObject([
      { where: { path: join(dir, 'locked') }, reason: 'unreadable' },
    ]);
    expect(report.exit_code).toBe(2);
  });

  test('a corrupt archive', async () => {
    const dir = planted();
    const data = Array.from({ length: 20_000 }, (_, line) => `line ${line * 7919}`).join('\n');
    const bytes = buildZip([{ name: 'big.txt', data }]);
    bytes.fill(0xff, 2_000, 3_000);
    writeFileSync(join(dir, 'broken.zip'), bytes);
    const { code, report } = await scan([dir]);
    expect(code).toBe(2);
    expect(report.coverage.unscanned[0]).toMatchObject({
      reason: 'corrupt',
      where: { kind: 'member', path: 'big.txt' },
    });
  });

  test('an encrypted archive', async () => {
    const dir = planted();
    const zip = { type: 'zip', args: ['-ppw', '-mem=ZipCrypto'] };
    writeFileSync(join(dir, 'locked.zip'), await sevenZip({ 'secret.txt': 'hidden' }, zip));
    const { code, report } = await scan([dir]);
    expect(code).toBe(2);
    expect(report.coverage.unscanned).toMatchObject([
      { reason: 'encrypted', where: { kind: 'member', path: 'secret.txt' } },
    ]);
  });

  test('a broken repository: a pack cut in half', async () => {
    const path = repository();
    commit(path, { 'a.txt': TOKEN, 'b.txt': 'b'.repeat(5_000) });
    git(path, 'gc', '-q');
    const pack = git(path, 'rev-parse', '--git-path', 'objects/pack').trim();
    const file = execFileSync('sh', ['-c', 'ls *.pack'], { cwd: join(path, pack), encoding: 'utf8' }).trim();
    chmodSync(join(path, pack, file), 0o644);
    truncateSync(join(path, pack, file), 60);
    const { code, report } = await scan([path]);
    expect(code).toBe(2);
    expect(findingOf(report, TOKEN), 'the work tree still shows it').toBeDefined();
    expect(report.coverage.unscanned.length).toBeGreaterThan(0);
  });

  test('an empty repository is clean', async () => {
    const { code, report } = await scan([repository()]);
    expect(code).toBe(0);
    expect(report.coverage.complete).toBe(true);
  });

  test('an empty folder is clean', async () => {
    expect((await scan([folder()])).code).toBe(0);
  });
});

describe('the call and the credential', () => {
  test.each([
    { args: ['scan', '--format', 'xml'], says: /--format/ },
    { args: ['scan', '--nonsense'], says: /--nonsense/ },
    { args: ['scan', '--max-revocations', 'many'], says: /--max-revocations/ },
    { args: ['scan', '--report', 'json'], says: /FORMAT=FILE/ },
    { args: ['scan', '--revoke', '-'], says: /TAKUMI_ORG_ID/ },
    { args: ['scan', '--probe', '-'], says: /TAKUMI_ORG_ID/ },
    { args: ['scan', '--staged'], says: /repository/ },
    { args: ['scan', '--show-secrets', '-'], says: /terminal/ },
    { args: ['nonsense'], says: /nonsense/ },
    { args: ['tokens', 'list'], says: /TAKUMI_ORG_ID/ },
    { args: ['audit', 'verify', '/nonexistent'], says: /nonexistent/ },
  ])('$args is exit code 3 with a message', async ({ args, says }) => {
    const ended = await guardsweep(args, { stdin: TOKEN });
    expect(ended.stderr).toMatch(says);
    expect(ended.code).toBe(3);
  });

  test('half a credential names the missing half', async () => {
    const env = { TAKUMI_ORG_ID: 'O', TAKUMI_BOT_API_KEY: botKey('half') };
    const ended = await guardsweep(['scan', '-'], { env, stdin: TOKEN });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/TAKUMI_BOT_ID/);
    expect(ended.stderr).not.toContain(botKey('half'));
  });

  test('plain http is refused but for loopback', async () => {
    const env = { ...credential, TAKUMI_API_URL: 'http://api.example.com/v1' };
    const ended = await guardsweep(['scan', '-'], { env, stdin: TOKEN });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/https/);
  });

  test('--revoke where nobody can be asked wants --yes', async () => {
    const ended = await guardsweep(['scan', '--revoke', '-'], {
      env: { ...credential, TAKUMI_API_URL: 'http://127.0.0.1:9/v1' },
      stdin: TOKEN,
    });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/--yes/);
  });
});

describe('answers of the service that say nothing of the token', () => {
  const answers: { name: string; answer: RequestListener; says: RegExp }[] = [
    {
      name: 'not JSON',
      answer: (_, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>'),
      says: /web page|JSON/,
    },
    { name: '401', answer: status(401), says: /TAKUMI_BOT_API_KEY|credential/ },
    { name: '403', answer: status(403), says: /organization\/takumi_manager/ },
    { name: '404', answer: status(404), says: /TAKUMI_ORG_ID|organization/ },
    { name: '429', answer: status(429, { 'retry-after': '0' }), says: /rate|429/i },
    { name: '500', answer: status(500), says: /500/ },
    {
      name: 'a cut connection',
      answer: (request) => request.socket.destroy(),
      says: /connection|closed|reset/i,
    },
    {
      name: 'JSON of another shape',
      answer: (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":1}'),
      says: /tokens|\$/,
    },
    { name: 'a redirect', answer: status(302, { location: 'http://127.0.0.1:1/' }), says: /redirect/i },
  ];
  for (const { name, answer, says } of answers) {
    test(`${name}: the finding stays, its state is unknown, nothing is revoked`, async () => {
      const requests: string[] = [];
      const url = await serve((request, response) => {
        requests.push(request.method ?? '');
        request.resume();
        answer(request, response);
      });
      const ended = await guardsweep(['scan', '--revoke', '--yes', '--format', 'json', '-'], {
        env: { ...credential, TAKUMI_API_URL: `${url}/v1` },
        stdin: `${TOKEN}\n`,
      });
      const report = reportOf(ended);
      const finding = findingOf(report, TOKEN)!;
      expect(finding.verdict.state).toBe('unknown');
      expect(`${finding.verdict.reason} ${ended.stderr}`).toMatch(says);
      expect(requests).not.toContain('DELETE');
      expect(ended.code).toBe(4);
    });
  }
});

const credential = {
  TAKUMI_ORG_ID: 'O',
  TAKUMI_BOT_API_KEY: botKey('bad answers'),
  TAKUMI_BOT_ID: botId('bad answers'),
};

/** A folder with one token in it, that every scan here must still find. */
function planted(): string {
  const dir = folder();
  mkdirSync(join(dir, 'sub'));
  writeFileSync(join(dir, 'sub', 'z.log'), `x ${TOKEN}\n`);
  return dir;
}

async function scan(targets: readonly string[]) {
  const ended = await guardsweep(['scan', '--format', 'json', ...targets]);
  const report = reportOf(ended);
  expect(report.exit_code).toBe(ended.code);
  return { code: ended.code, report };
}

function run(command: readonly string[]): string {
  try {
    return execFileSync(command[0]!, command.slice(1), {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent' },
    });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

function status(code: number, headers: Record<string, string> = {}): RequestListener {
  return (_, response) =>
    void response
      .writeHead(code, { 'content-type': 'application/json', ...headers })
      .end('{"error":{"code":"x","message":"y"}}');
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
