import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { dockerSave, type ImageSpec, ociLayout } from '../../fixtures/archives/image-builder.js';
import { buildTar, type TarMemberSpec } from '../../fixtures/archives/tar-builder.js';
import type { MemberProvenance } from '../../src/model/provenance.js';
import { folder, guardsweep } from '../support/program.js';
import { reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

const token = orgToken('cli image');
const IMAGE: ImageSpec = {
  name: 'app:1.0',
  layers: [[{ name: 'root/.npmrc', data: `t=${token}\n` }], [], [{ name: 'root/.wh..npmrc', data: '' }]],
};

test.each(['docker save', 'OCI layout in a tar', 'OCI layout in a folder', 'docker save, unpacked'])(
  'a token that a later layer deletes is reported with the layer that deletes it: %s',
  async (kind) => {
    const cwd = folder();
    const members = kind.startsWith('OCI') ? ociLayout(IMAGE) : dockerSave(IMAGE);
    if (/folder|unpacked/.test(kind)) unpack(join(cwd, 'image'), members);
    else writeFileSync(join(cwd, 'image'), buildTar(members));
    const args = ['scan', '--no-probe', 'image'];
    const report = reportOf(await guardsweep([...args, '--format', 'json', '--threads', '2'], { cwd }));
    const [sighting] = report.findings[0]!.sightings;
    expect((sighting!.where as MemberProvenance).layer).toMatchObject({
      index: 0,
      layers: 3,
      deleted_by: { index: 2, digest: expect.stringMatching(/^sha256:/) },
    });
    const { stdout } = await guardsweep([...args, '--format', 'text'], { cwd });
    expect(stdout).toMatch(/\(layer 1 of 3 of \S+; deleted by layer 3, and still in the image\)/);
    expect(report.coverage.complete).toBe(true);
  },
);

test('the way to a file in a layer is printed', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'image.tar'), buildTar(ociLayout(IMAGE)));
  const report = reportOf(await guardsweep(['scan', '--no-probe', '--format', 'json', 'image.tar'], { cwd }));
  const { stdout } = await guardsweep(['locate', 'image.tar', report.findings[0]!.fingerprint], { cwd });
  expect(execFileSync('sh', { cwd, input: stdout, encoding: 'utf8' }).split(token)).toHaveLength(3);
});

function unpack(root: string, members: readonly TarMemberSpec[]): void {
  for (const { name, data, type } of members) {
    if (type === '5') continue;
    mkdirSync(dirname(join(root, String(name))), { recursive: true });
    writeFileSync(join(root, String(name)), data ?? '');
  }
}
