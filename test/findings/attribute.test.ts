import { expect, test } from 'vitest';
import { Attribution, attribute } from '../../src/findings/attribute.js';
import type { CommitProvenance, ObjectProvenance, Provenance } from '../../src/model/provenance.js';
import { findingFor } from '../support/findings.js';
import { orgToken } from '../support/tokens.js';

const blob = (object: string, repository?: Provenance): ObjectProvenance => ({
  kind: 'object',
  object,
  type: 'blob',
  reachable: false,
  ...(repository === undefined ? {} : { repository }),
});
const commit = (id: string, path: string, repository?: Provenance): CommitProvenance => ({
  kind: 'commit',
  commit: id,
  path,
  blob: 'b',
  author: 'a',
  date: '2024-01-01T00:00:00Z',
  reachable: true,
  ...(repository === undefined ? {} : { repository }),
});
const member = (container: Provenance, path: string): Provenance => ({ kind: 'member', container, path });

test('an object becomes every place that holds it; what nobody can place stays', () => {
  const found = attribute(
    [findingFor(orgToken('a'), blob('1')), findingFor(orgToken('b'), blob('2'))],
    ({ object }) => (object === '1' ? [commit('c1', 'x'), commit('c2', 'x')] : undefined),
  );
  expect(found[0]!.sightings.map(({ where }) => where)).toEqual([commit('c1', 'x'), commit('c2', 'x')]);
  expect(found[1]!.sightings.map(({ where }) => where)).toEqual([blob('2')]);
  expect(found[0]!.sightings[0]).toMatchObject({ line: 3, column: 5, offset: 10 });
});

test('an object that something else lies in is replaced too', () => {
  const [finding] = attribute([findingFor(orgToken('a'), member(blob('1'), '.npmrc'))], () => [
    commit('c1', 'x.zip'),
  ]);
  expect(finding!.sightings.map(({ where }) => where)).toEqual([member(commit('c1', 'x.zip'), '.npmrc')]);
});

test('a repository in an archive in a repository: both histories are told', async () => {
  const inner = member(blob('zip'), 'app/.git');
  const attribution = new Attribution();
  const answers = (places: Record<string, Provenance[]>) => ({
    attribute: async (objects: ReadonlySet<string>) =>
      new Map([...objects].flatMap((id) => (places[id] === undefined ? [] : [[id, places[id]] as const]))),
  });
  attribution.note(answers({ zip: [commit('outer', 'x.zip')] }), blob('zip'));
  attribution.note(answers({ leak: [commit('inner', '.npmrc', inner)] }), blob('leak', inner));
  const [finding] = await attribution.apply([findingFor(orgToken('a'), blob('leak', inner))]);
  expect(finding!.sightings.map(({ where }) => where)).toEqual([
    commit('inner', '.npmrc', member(commit('outer', 'x.zip'), 'app/.git')),
  ]);
});

test('two repositories that hold the same object are not confused, each is asked once', async () => {
  const asked: string[] = [];
  const attribution = new Attribution();
  for (const path of ['a', 'b']) {
    const repository: Provenance = { kind: 'file', path };
    const attributor = {
      attribute: async (objects: ReadonlySet<string>) => {
        asked.push(path);
        return new Map([...objects].map((id) => [id, [commit(`in ${path}`, 'p', repository)]]));
      },
    };
    attribution.note(attributor, blob('1', repository));
    attribution.note(attributor, blob('2', repository));
  }
  const found = await attribution.apply([
    findingFor(orgToken('a'), blob('1', { kind: 'file', path: 'a' })),
    findingFor(orgToken('b'), blob('1', { kind: 'file', path: 'b' })),
    findingFor(orgToken('c'), blob('2', { kind: 'file', path: 'b' })),
  ]);
  expect(found.map((finding) => (finding.sightings[0].where as CommitProvenance).commit)).toEqual([
    'in a',
    'in b',
    'in b',
  ]);
  expect(asked).toEqual(['a', 'b']);
});

test('a blob in very many commits is counted, not listed', () => {
  const places = Array.from({ length: 50 }, (_, index) => commit(`c${index}`, 'p'));
  const [finding] = attribute([findingFor(orgToken('a'), member(blob('1'), 'm'))], () => places, 5);
  expect(finding!.sightings).toHaveLength(5);
  expect(finding!.sightingsTotal).toBe(50);
});

test('what several threads read is asked about once, by the one that has it all', async () => {
  const repository: Provenance = { kind: 'file', path: 'r' };
  const asked: string[][] = [];
  const attributor = {
    shared: true,
    attribute: async (objects: ReadonlySet<string>) => {
      asked.push([...objects]);
      return new Map([...objects].map((id) => [id, [commit(`in ${id}`, 'p', repository)]]));
    },
  };
  const findings = [
    findingFor(orgToken('a'), blob('1', repository)),
    findingFor(orgToken('b'), blob('2', repository)),
  ];
  const other = new Attribution();
  other.note(attributor, blob('1', repository));
  const left = await other.apply(findings, undefined, ({ shared = false }) => !shared);
  expect(left.map(({ sightings }) => sightings[0].where.kind)).toEqual(['object', 'object']);
  // Nothing was found by the one that asks, and it knows of the repository twice.
  const one = new Attribution();
  one.know(attributor, repository);
  one.know({ ...attributor }, repository);
  const all = await one.apply(left);
  expect(all.map(({ sightings }) => (sightings[0].where as CommitProvenance).commit)).toEqual([
    'in 1',
    'in 2',
  ]);
  expect(asked).toEqual([['1', '2']]);
});
