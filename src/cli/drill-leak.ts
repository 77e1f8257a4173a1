import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { OwnRepository } from '../sources/git/porcelain.js';
import { environment } from './environment.js';

/** One row of what the emulator is seeded with. */
export interface DrillToken {
  readonly token: string;
  readonly user_identifier: string;
  readonly status: 'active' | 'revoked';
  readonly org_id?: string;
}

/** The people of the drill: made up, and so are their tokens, afresh each time. */
export interface DrillTokens {
  readonly alice: DrillToken;
  readonly aliceLaptop: DrillToken;
  readonly build: DrillToken;
  readonly leaver: DrillToken;
  readonly stranger: DrillToken;
  readonly twinA: DrillToken;
  readonly twinB: DrillToken;
}

export function makeTokens(): DrillTokens {
  const token = (user: string, more: Partial<DrillToken> = {}): DrillToken => ({
    token: `tg_org_${randomBody()}`,
    user_identifier: user,
    status: 'active',
    ...more,
  });
  return {
    alice: token('alice'),
    aliceLaptop: token('alice-laptop'),
    build: token('build-server'),
    leaver: token('leaver', { status: 'revoked' }),
    stranger: token('somebody', { org_id: 'another-organization' }),
    twinA: token('shared-runner'),
    twinB: token('shared-runner'),
  };
}

/** Letters and digits alone: what follows a hyphen may be read as no part of the token, and the story has one reading. */
function randomBody(): string {
  return randomBytes(60)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 40);
}

/** A repository with leaks in several places: a file, deleted history, an amended commit, UTF-16, base64, a tag. */
export async function makeRepository(path: string, tokens: DrillTokens): Promise<void> {
  const repository = await OwnRepository.init(path, environment);
  write(path, {
    'README.md': '# payments\n',
    '.npmrc': `registry=https://npm.flatt.tech/\n//npm.flatt.tech/:_authToken=${tokens.alice.token}\n`,
  });
  await repository.commit('Set up the registry');
  write(path, {
    '.npmrc': 'registry=https://npm.flatt.tech/\n',
    'deploy.env': `GUARD_TOKEN=${tokens.leaver.token}\n`,
  });
  await repository.commit('Take the token out again');
  write(path, {
    'deploy.env': '# moved to the vault\n',
    'k8s/secret.yaml': `kind: Secret\ndata:\n  token: ${Buffer.from(tokens.build.token).toString('base64')}\n`,
    'scripts/install.ps1.txt': Buffer.from(`\ufeff$env:TOKEN = "${tokens.stranger.token}"\r\n`, 'utf16le'),
    'schema.sql': 'ALTER TABLE tg_org_members ADD tg_org_members_updated_at timestamp;\n',
  });
  await repository.commit('Deploy to the cluster');
  await repository.tag('v1.0.0', `First release. Runner token for now: ${tokens.twinA.token}`);
}

/** The same as it leaked: a zip, with `.git`, beside a log. */
export async function makeArchive(file: string, repository: string, tokens: DrillTokens): Promise<void> {
  const zip = new ZipFile();
  const log = `GET /simple/ 200 token:${tokens.alice.token}@pypi.flatt.tech\n`;
  zip.addBuffer(Buffer.from(log), 'logs/proxy.log');
  for (const entry of readdirSync(repository, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    zip.addBuffer(readFileSync(path), `payments/${path.slice(repository.length + 1)}`);
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
}

function write(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
  }
}
