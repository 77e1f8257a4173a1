import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildZip } from '../fixtures/archives/zip-builder.js';
import { folder } from './support/program.js';
import { orgToken } from './support/tokens.js';

const ROOT = join(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

test('everything that the package offers is there', () => {
  const { types, default: library } = manifest.exports['.'];
  for (const path of [types, library, './schema/report-1.json']) accessSync(join(ROOT, path));
  accessSync(join(ROOT, manifest.bin.guardsweep), constants.X_OK);
});

test('what others wrote goes along with its license', () => {
  const licenses = readFileSync(join(ROOT, 'dist/LICENSES.txt'), 'utf8');
  for (const name of Object.keys(manifest.dependencies)) {
    expect(licenses).toMatch(new RegExp(`^==== ${name} [\\d.]+ \\(.+\\) ====\\n\\n(?!====)`, 'm'));
  }
  expect(licenses).toContain('unRAR');
});

test('the example of the README scans, and ends with the exit code of the report', async () => {
  const cwd = folder();
  const token = orgToken('library');
  writeFileSync(join(cwd, 'leak.zip'), buildZip([{ name: 'a.env', data: `KEY=${token}\n` }]));
  const library = pathToFileURL(join(ROOT, manifest.exports['.'].default)).href;
  const [example] = examples('ts');
  writeFileSync(join(cwd, 'example.mjs'), example!.replace("'guardsweep'", JSON.stringify(library)));
  const ended = await new Promise<{ code: unknown; stdout: string; stderr: string }>((done) =>
    execFile(process.execPath, ['example.mjs'], { cwd }, (error, stdout, stderr) =>
      done({ code: error?.code, stdout, stderr }),
    ),
  );
  expect(ended).toEqual({ code: 1, stdout: `tg_org_…${token.slice(-4)} 1\n`, stderr: '' });
});

test('the examples of the README and every declaration that they lead to type-check for who installs it; killing by an ID does not', () => {
  const cwd = folder();
  const shown = examples('ts');
  shown.forEach((example, index) => {
    writeFileSync(join(cwd, `example-${index}.mts`), example);
  });
  const killing = [
    `import { TakumiClient } from 'guardsweep';`,
    'declare const service: TakumiClient;',
    '// @ts-expect-error: whoever knows an ID only has no approval.',
    `await service.revoke('T1');`,
    '// @ts-expect-error: nor is one made of it.',
    `await service.revoke({ tokenId: 'T1' });`,
  ];
  writeFileSync(join(cwd, 'killing.mts'), killing.join('\n'));
  const library = join(ROOT, manifest.exports['.'].types);
  const compilerOptions = {
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
    paths: { guardsweep: [library] },
  };
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  expect(shown.length).toBeGreaterThan(1);
  expect(spawnSync(process.execPath, [compiler, '-p', cwd], { encoding: 'utf8' })).toMatchObject({
    stdout: '',
    status: 0,
  });
});

test('what the README shows as YAML is YAML', () => {
  const shown = examples('yaml');
  expect(shown.length).toBeGreaterThan(2);
  for (const text of shown) expect(parse(text), text).toBeTypeOf('object');
});

function examples(language: string): string[] {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, text]) => text!,
  );
}
