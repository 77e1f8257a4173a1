import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDetector } from '../../../src/detection/detector.js';
import { Budget } from '../../../src/model/budget.js';
import { RULES } from '../../../src/rules/builtin.generated.js';
import { DiskTree } from '../../../src/sources/disk-tree.js';
import { RepositorySource } from '../../../src/sources/git/repository-source.js';
import { TestRepository } from '../../support/git-repository.js';
import { BLIND } from '../../support/screen.js';
import { body, orgToken } from '../../support/tokens.js';

/** More than the kernel searches at once, so that trees begin in one part and end in another. */
const LONG = 300_000;

const detector = createDetector(RULES);
const noise = body('noise', 2 * LONG);
let repository: TestRepository;

beforeAll(() => {
  repository = new TestRepository();
  for (let version = 0; version < 6; version++) {
    for (let file = 0; file < 6; file++) {
      const lines = Array.from({ length: LONG / 100 }, (_, line) => {
        const at = 97 * line + 1000 * file + (line % 7 === version ? 13 * version : 0);
        return `${noise.slice(at, at + 99)}\n`;
      });
      if ((file + version) % 4 === 0)
        lines[version * 400 + file] = `key = ${orgToken(`${file} ${version}`)}\n`;
      repository.write(`file ${file}`, lines.join(''));
    }
    repository.commit(version === 4 ? `in a message: ${orgToken('message')}` : `version ${version}`);
  }
  // One thing in each, and so much around it that nothing else is searched with it.
  repository.write('begins', `key = ${orgToken('begins')}\n${prose('begins')}`);
  repository.write('packed', `${prose('packed')}eJw${body('packed', 60)}\n${prose('further')}`);
  repository.write('zip', `${prose('zip')}PK\x05\x06${prose('beyond')}`);
  repository.write('flow', `5000:8:response;${prose('flow')}`);
  repository.write(orgToken('name'), 'a name');
  repository.commit('names');
  repository.git('repack', '-adfq', '--depth=50', '--window=20');
}, 60_000);

afterAll(() => repository.remove());

test('the kernel keeps to itself what it searched, and nothing else', () => {
  const byHost = screened(undefined);
  const byKernel = screened(detector.image);
  expect(byKernel.looks).toBeLessThan(byHost.looks);
  expect(byKernel.seen).toEqual(byHost.seen);
  for (const file of ['begins', 'packed', 'zip', 'flow'])
    expect(byKernel.seen).toContain(repository.git('rev-parse', `HEAD:${file}`));
  expect(byKernel.passed).toEqual(byHost.passed);
  expect(byKernel.passed.get('commit')![0]).toBeGreaterThan(0);
});

test('what the kernel keeps to itself is paid for', () => {
  expect(screened(detector.image).said).toEqual([]);
  expect(screened(detector.image, { bytes: LONG * 4 }).said).toEqual([
    expect.stringContaining('--max-bytes'),
  ]);
});

function screened(image: Uint8Array | undefined, limits = {}) {
  const passed = new Map<string, [number, number]>();
  let looks = 0;
  const screen = {
    ...BLIND,
    image,
    suspects: (bytes: Uint8Array) => {
      looks++;
      return detector.find(bytes).map(({ at }) => at);
    },
    passed: (type: string, count: number, bytes: number) => {
      const [counts, sum] = passed.get(type) ?? [0, 0];
      passed.set(type, [counts + count, sum + bytes]);
    },
  };
  const tree = new DiskTree(repository.path);
  const source = new RepositorySource({
    tree,
    gitDir: '.git',
    where: tree.whereOf('.git'),
    budget: new Budget(limits),
    screening: { screen, marks: ['PK'] },
  });
  const seen: string[] = [];
  const said: string[] = [];
  for (const item of source.items()) {
    if (item.type === 'diagnostic') said.push(item.detail ?? '');
    else if (item.provenance.kind === 'object') seen.push(item.provenance.object);
  }
  return { seen: seen.sort(), said, passed, looks };
}

/** So much that shows nothing that it is searched by itself; no delta is made of one for another. */
function prose(word: string): string {
  return Array.from(
    { length: LONG / 10 },
    (_, line) => `${line} ${word} ${line * 7}, ${word} and ${line}\n`,
  ).join('');
}
