import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { filesIn } from '../../../fixtures/archives/folder.js';
import {
  dockerSave,
  dockerSave25,
  dockerV1,
  type ImageSpec,
  ociLayout,
} from '../../../fixtures/archives/image-builder.js';
import { buildTar, type TarMemberSpec } from '../../../fixtures/archives/tar-builder.js';
import { zstd } from '../../../fixtures/archives/zstd-encoder.js';
import type { LayerPlace, Provenance } from '../../../src/model/provenance.js';
import { commit, repository } from '../../support/git.js';
import { orgToken } from '../../support/tokens.js';
import { collect, expanding } from '../collect.js';

const token = (name: string) => orgToken(`image ${name}`);
const file = (name: string, path = name): TarMemberSpec => ({ name: path, data: `t=${token(name)}\n` });

/** What each file of the lowest layer comes to in the end. */
const IMAGE: ImageSpec = {
  name: 'app:1.0',
  layers: [
    [
      file('stays'),
      file('deleted'),
      file('replaced'),
      file('with folder', 'gone/with/folder'),
      file('under opaque', './emptied/under'),
      file('folder to file', 'turned/inside'),
      { name: 'kept', type: '5' },
      file('in kept folder', 'kept/file'),
    ],
    [
      { name: '.wh.deleted', data: '' },
      { name: 'replaced', data: 'something else' },
      { name: '.wh.gone', data: '' },
      { name: 'emptied/.wh..wh..opq', data: '' },
      { name: 'kept/', type: '5' },
      file('deleted later'),
    ],
    [{ name: 'turned', data: 'a file now' }, { name: '.wh.deleted later', data: '' }, file('top')],
  ],
};
const FATES: Readonly<Record<string, Partial<LayerPlace>>> = {
  stays: { index: 0 },
  deleted: { index: 0, deleted_by: { index: 1 } },
  replaced: { index: 0, replaced_by: { index: 1 } },
  'with folder': { index: 0, deleted_by: { index: 1 } },
  'under opaque': { index: 0, deleted_by: { index: 1 } },
  'folder to file': { index: 0, deleted_by: { index: 2 } },
  'in kept folder': { index: 0 },
  'deleted later': { index: 1, deleted_by: { index: 2 } },
  top: { index: 2 },
};

const LAYOUTS: readonly (readonly [string, () => readonly TarMemberSpec[]])[] = [
  ['docker save', () => dockerSave(IMAGE)],
  ['docker save since version 25', () => dockerSave25(IMAGE)],
  ['docker save before 1.10', () => dockerV1(IMAGE)],
  ['an OCI layout', () => ociLayout(IMAGE)],
  [
    'an OCI layout, in a folder of the archive',
    () => ociLayout(IMAGE).map((each) => ({ ...each, name: `./image/${each.name}` })),
  ],
  ['an OCI layout packed by zstd', () => ociLayout({ ...IMAGE, pack: zstd })],
  ['docker save, the manifest first', () => dockerSave(IMAGE).reverse()],
];

describe.each(LAYOUTS)('%s', (_, members) => {
  test.each([false, true])(
    'every layer is read, and what later layers hide is found and said to be hidden (piped: %s)',
    async (piped) => {
      const seen = await collect(expanding(gzipSync(buildTar([...members()])), { piped }));
      expect(seen.diagnostics).toEqual([]);
      for (const [name, fate] of Object.entries(FATES)) {
        const found = seen.units.filter(({ text }) => text.includes(token(name)));
        const [layer] = found.flatMap(({ unit }) => layersOf(unit.provenance));
        expect({ name, ...summary(layer) }).toEqual({
          name,
          ...summary({ index: 0, layers: 3, ...fate }),
        });
      }
    },
  );
});

test('digests and names are those of the image', async () => {
  const members = ociLayout(IMAGE);
  const seen = await collect(expanding(buildTar(members)));
  const { unit } = seen.units.find(({ text }) => text.includes(token('deleted')))!;
  const [layer] = layersOf(unit.provenance);
  expect(layer?.image).toBe('app:1.0');
  expect(members.map(({ name }) => name)).toContain(`blobs/${layer?.digest?.replace(':', '/')}`);
});

test('a repository that a later layer deletes is read, and said to be deleted', async () => {
  const repo = repository();
  commit(repo, { '.npmrc': `t=${token('commit')}` });
  const layers = [filesIn(`${repo}/.git`, 'app/.git/'), [{ name: 'app/.wh..git', data: '' }]];
  const seen = await collect(expanding(buildTar(dockerSave({ layers }))));
  const { unit } = seen.units.find(({ text }) => text.includes(token('commit')))!;
  const where = unit.provenance as Extract<Provenance, { kind: 'object' }>;
  expect(layersOf(where.repository!)).toMatchObject([{ index: 0, deleted_by: { index: 1 } }]);
});

test('what an image says of itself is searched: its environment and what made its layers', async () => {
  const image = {
    layers: [[]],
    env: [`NPM_TOKEN=${token('env')}`],
    history: [`RUN npm config set ${token('history')}`],
  };
  for (const members of [dockerSave(image), ociLayout(image)]) {
    const seen = await collect(expanding(buildTar(members)));
    for (const name of ['env', 'history']) {
      expect(seen.units.filter(({ text }) => text.includes(token(name)))).not.toEqual([]);
    }
  }
});

test('a layer that two images share is hidden only where both hide it', async () => {
  const [one, two] = [
    dockerSave(IMAGE),
    dockerSave({ ...IMAGE, layers: IMAGE.layers.slice(0, 1), name: 'base:1' }),
  ];
  const manifests = [one, two].map((members) =>
    JSON.parse(String(members.find(({ name }) => name === 'manifest.json')!.data)),
  );
  const members = one.map((each) =>
    each.name === 'manifest.json' ? { ...each, data: JSON.stringify(manifests.flat()) } : each,
  );
  const seen = await collect(expanding(buildTar(members)));
  const { unit } = seen.units.find(({ text }) => text.includes(token('deleted')))!;
  expect(layersOf(unit.provenance)).toEqual([
    expect.objectContaining({ index: 0, layers: 1, image: 'base:1' }),
  ]);
});

test.each([
  '{',
  '[]',
  '[{"Layers":["../../etc/passwd", 3]}]',
  '{"manifests":[{"digest":"sha256:aa"}]}',
  '[null]',
  '{"layers":7}',
])('a description of garbage is no description: %s', async (text) => {
  const members = [
    { name: 'manifest.json', data: text },
    { name: 'index.json', data: text },
    ...dockerSave(IMAGE),
  ];
  const seen = await collect(expanding(buildTar(members)));
  expect(seen.units.filter(({ text: found }) => found.includes(token('deleted')))).not.toEqual([]);
  expect(seen.diagnostics).toEqual([]);
});

function summary(layer: LayerPlace | undefined) {
  const { index, layers, deleted_by: deleted, replaced_by: replaced } = layer ?? ({} as Partial<LayerPlace>);
  return { index, layers, deleted: deleted?.index, replaced: replaced?.index };
}

function layersOf(where: Provenance): LayerPlace[] {
  if (where.kind !== 'member') return [];
  return [...(where.layer === undefined ? [] : [where.layer]), ...layersOf(where.container)];
}
