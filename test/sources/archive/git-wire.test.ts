import { describe, expect, test } from 'vitest';
import { buildCapture, chunkedAnswer } from '../../../fixtures/archives/capture-builder.js';
import { type TestRepository, temporaryRepository } from '../../support/git-repository.js';
import { body, orgToken } from '../../support/tokens.js';
import { collect, expanding, placesOf } from '../collect.js';

const token = orgToken('wire');
// Longer than a line, and the token where one ends: only put together it can be unpacked.
const noise = body('noise', 120_000);

function history(): TestRepository {
  const repository = temporaryRepository();
  repository.write('keys', noise);
  repository.commit('without');
  repository.write('keys', `${noise.slice(0, 60_000)}\nkey=${token}\n${noise.slice(60_000)}`);
  repository.commit('with');
  repository.write('keys', 'gone');
  repository.commit('without again');
  repository.git('gc', '-q', '--aggressive');
  return repository;
}

const line = (text: string) => (4 + text.length).toString(16).padStart(4, '0') + text;
const FLUSH = '0000';
const DELIMITER = '0001';

/** What `git upload-pack` answers to a clone. */
function fetched(repository: TestRepository, version: 0 | 2, bands = ''): Buffer {
  const head = repository.git('rev-parse', 'HEAD');
  const request =
    version === 0
      ? [line(`want ${head}${bands} ofs-delta\n`), FLUSH, line('done\n')]
      : [
          line('command=fetch'),
          DELIMITER,
          line(`want ${head}\n`),
          line('ofs-delta\n'),
          line('done\n'),
          FLUSH,
        ];
  const configuration = ['-c', `protocol.version=${version}`];
  const environment = version === 2 ? { GIT_PROTOCOL: 'version=2' } : {};
  const call = [...configuration, 'upload-pack', '--stateless-rpc', '.'];
  return repository.gitBytes(call, request.join(''), environment);
}

/** What `git push` sends. */
function pushed(repository: TestRepository): Buffer {
  const head = repository.git('rev-parse', 'HEAD');
  const command = line(`${'0'.repeat(40)} ${head} refs/heads/main\0 report-status side-band-64k`);
  return Buffer.concat([Buffer.from(command + FLUSH), packed(repository, head)]);
}

function packed(repository: TestRepository, head: string): Buffer {
  return repository.gitBytes(['pack-objects', '--revs', '--stdout', '-q'], `${head}\n`);
}

describe('what git sent is read as the history that it is', () => {
  test.each([
    ['a fetch', (repository) => fetched(repository, 0, ' side-band-64k')],
    ['a fetch in short lines', (repository) => fetched(repository, 0, ' side-band')],
    ['a fetch without bands', (repository) => fetched(repository, 0)],
    ['a fetch by the second version', (repository) => fetched(repository, 2)],
    ['a push', pushed],
    [
      'a connection of git itself',
      (repository) => {
        const offered = line(`${repository.git('rev-parse', 'HEAD')} HEAD\0multi_ack side-band-64k\n`);
        return Buffer.concat([Buffer.from(offered + FLUSH), fetched(repository, 0, ' side-band-64k')]);
      },
    ],
    ['an answer of HTTP', (repository) => chunkedAnswer(fetched(repository, 2), 'identity')],
    ['packets', (repository) => buildCapture(fetched(repository, 0, ' side-band-64k'))],
    ['packets of HTTP', (repository) => buildCapture(chunkedAnswer(fetched(repository, 2), 'identity'))],
  ] satisfies [string, (repository: TestRepository) => Buffer][])('%s', async (_, send) => {
    const seen = await collect(expanding(send(history())));
    expect(placesOf(token, seen)).toContainEqual(expect.stringMatching(/pack at byte \d+#blob$/));
    expect(seen.diagnostics).toEqual([]);
  });

  test('what is cut short is told', async () => {
    const sent = fetched(history(), 2);
    await expect(collect(expanding(sent.subarray(0, sent.length - 20_000)))).rejects.toThrow('cut short');
  });
});

test.each(['00a0 is no-break space', '0123456789abcdef refs/heads/main', '0031ACK', '0008NAK\nand text'])(
  'a text is a text: %s',
  async (text) => {
    const seen = await collect(expanding(Buffer.from(`${text}\nkey=${token}\n`)));
    expect(placesOf(token, seen)).toEqual(['a']);
    expect(seen.diagnostics).toEqual([]);
  },
);
