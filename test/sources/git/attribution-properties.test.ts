import { afterEach, expect, test } from 'vitest';
import type { CommitProvenance, Provenance } from '../../../src/model/provenance.js';
import { TestRepository } from '../../support/git-repository.js';
import { randomNumbers } from '../../support/random.js';
import { readRepository } from '../../support/read-repository.js';

/** How long histories are made up for; a longer campaign sets GUARDSWEEP_PROPERTY_SECONDS. */
const SECONDS = Number(process.env.GUARDSWEEP_PROPERTY_SECONDS ?? 6);
const COMMITS = 120;

let repository: TestRepository | undefined;
afterEach(() => repository?.remove());

test(
  'every place of every blob is what git says of it, however it is packed',
  async () => {
    const end = Date.now() + SECONDS * 1000;
    for (let seed = 0; seed === 0 || Date.now() < end; seed++) {
      const random = randomNumbers(seed);
      repository = new TestRepository({ args: seed % 3 === 2 ? ['--object-format=sha256'] : [] });
      const { stream, left } = history(random);
      repository.gitBytes(['fast-import', '--quiet', '--force'], stream);
      for (const name of left) repository.git('update-ref', '-d', `refs/heads/${name}`);
      if (seed % 2 === 0) repository.git('repack', '-adfkq', '--depth=50', '--window=50');
      repository.git('reset', '-q', '--hard', 'main');
      const git = askGit(repository);
      const { source, units } = await readRepository(repository.path);
      const { attributor } = units.find(({ where }) => where.kind === 'object')!.unit;
      const found = await attributor!.attribute(new Set(git.blobs));
      source.close();
      for (const blob of git.blobs) {
        const places = found.get(blob) ?? [];
        expect(places.map(essence).sort(byPath), `seed ${seed}, blob ${blob}`).toEqual(
          git.placesOf(blob).sort(byPath),
        );
      }
      repository.remove();
    }
  },
  SECONDS * 1000 + 60_000,
);

type Essence = Pick<CommitProvenance, 'commit' | 'path' | 'reachable'> & {
  readonly last: string | undefined;
  readonly head: boolean | undefined;
  readonly refs: readonly string[];
};

function essence(place: Provenance): Essence {
  if (place.kind !== 'commit') throw new Error(`a ${place.kind}`);
  const { commit, path, reachable, last, head, refs } = place;
  return { commit, path, reachable, last: last?.commit, head, refs: [...(refs?.names ?? [])].sort() };
}

function byPath(a: Essence, b: Essence): number {
  return a.path < b.path ? -1 : 1;
}

/** A history as fast-import takes it: files that come, go, move, return and are merged; side branches, some left behind. */
function history(random: () => number): { readonly stream: string; readonly left: readonly string[] } {
  const pick = (below: number) => Math.floor(random() * below);
  const lines: string[] = [];
  const path = () =>
    `${['', 'a/', 'a/b/', 'a/b/c/', 'lib/', 'doc/much/deeper/'][pick(6)]}${['f', 'g', 'file', 'ünicode'][pick(4)]}${pick(12)}`;
  const branches = ['main'];
  for (let mark = 1; mark <= COMMITS; mark++) {
    const branch = mark === 1 ? 'main' : branches[pick(branches.length)]!;
    const fresh = mark > 5 && random() < 0.1;
    const name = fresh ? `side${mark}` : branch;
    const time = 1_600_000_000 + mark * 60;
    const head = (from: string) => (mark === 1 ? [] : [`from ${from}`]);
    lines.push(
      `commit refs/heads/${name}`,
      `mark :${mark}`,
      `author A <a@example.com> ${time} +0100`,
      `committer C <c@example.com> ${time} +0000`,
      'data 1',
      'x',
      ...(fresh ? head(`:${1 + pick(mark - 1)}`) : []),
      ...(!fresh && mark > 10 && random() < 0.2 ? [`merge :${1 + pick(mark - 1)}`] : []),
    );
    if (mark === 1) {
      // So that trees are worth a delta.
      for (let file = 0; file < 150; file++) lines.push(...write(`lib/many${file}`, `${file}`));
      for (let file = 0; file < 60; file++) lines.push(...write(`a/b/many${file}`, `${file} too`));
    }
    for (let change = pick(5); change >= 0; change--) {
      if (random() < 0.75) lines.push(...write(path(), `content ${pick(25)}`));
      else lines.push(`D ${random() < 0.2 ? 'a/b' : path()}`);
    }
    if (random() < 0.05) lines.push('C lib copied/lib');
    lines.push('');
    if (fresh) branches.push(name);
  }
  lines.push('reset refs/tags/light', `from :${1 + pick(COMMITS)}`, '');
  lines.push('done', '');
  const left = branches.slice(1).filter(() => random() < 0.3);
  return { stream: lines.join('\n'), left };

  function write(at: string, content: string): string[] {
    return [`M 100644 inline ${at}`, `data ${content.length}`, content];
  }
}

interface Commit {
  readonly id: string;
  readonly time: number;
  readonly parents: readonly string[];
  /** `blob path` of each file. */
  readonly files: ReadonlySet<string>;
}

/** The same answers, from what git lists of every commit. */
function askGit(git: TestRepository) {
  const refs = git
    .git('for-each-ref', '--format=%(refname) %(objectname)')
    .split('\n')
    .map((line) => line.split(' ') as [string, string]);
  const head = git.git('rev-parse', 'HEAD');
  refs.push(['HEAD', head]);
  const all = git
    .git('cat-file', '--batch-all-objects', '--batch-check=%(objecttype) %(objectname)')
    .split('\n')
    .map((line) => line.split(' ') as [string, string]);
  const ids = all.filter(([type]) => type === 'commit').map(([, id]) => id);
  const headers = git.gitBytes(
    ['log', '--no-walk=unsorted', '--stdin', '--format=%H %ct %P'],
    ids.join('\n'),
  );
  const commits = new Map<string, Commit>();
  for (const line of headers.toString().trimEnd().split('\n')) {
    const [id, time, ...parents] = line.trim().split(' ');
    const listed = git.git('-c', 'core.quotePath=false', 'ls-tree', '-r', id!).split('\n');
    const files = listed
      .filter((each) => each !== '')
      .map((each) => each.replace(/^\S+ blob (\S+)\t/, '$1 '));
    commits.set(id!, { id: id!, time: Number(time), parents, files: new Set(files) });
  }
  const tips = new Map(refs.map(([name, target]) => [name, before(commits, target)]));
  const reached = new Set([...tips.values()].flatMap((each) => [...each]));
  const blobs = new Set(
    [...commits.values()].flatMap(({ files }) => [...files].map((file) => file.split(' ', 1)[0]!)),
  );
  return {
    blobs: [...blobs],
    placesOf(blob: string): Essence[] {
      const paths = new Set<string>();
      for (const { files } of commits.values()) {
        for (const file of files) if (file.startsWith(`${blob} `)) paths.add(file.slice(blob.length + 1));
      }
      return [...paths].map((path) => {
        const file = `${blob} ${path}`;
        const holding = [...commits.values()]
          .filter(({ files }) => files.has(file))
          .sort((a, b) => Number(reached.has(b.id)) - Number(reached.has(a.id)) || a.time - b.time);
        const reachable = reached.has(holding[0]!.id);
        const counted = reachable ? holding.filter(({ id }) => reached.has(id)) : holding;
        const introduced = holding.filter(
          ({ parents }) => !parents.some((parent) => commits.get(parent)?.files.has(file)),
        );
        const leading = [...tips].filter(([, all]) => introduced.some(({ id }) => all.has(id)));
        return {
          commit: introduced[0]!.id,
          path,
          reachable,
          last: counted.at(-1)!.id,
          head: reachable ? commits.get(head)!.files.has(file) : undefined,
          refs: reachable ? leading.map(([name]) => name).sort() : [],
        };
      });
    },
  };
}

function before(commits: ReadonlyMap<string, Commit>, id: string): Set<string> {
  const found = new Set<string>();
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    open.push(...(commits.get(at)?.parents ?? []));
  }
  return found;
}
