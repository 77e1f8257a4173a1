import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

test('what scripts/build-kernels.mjs writes is checked in as it writes it: run it after a change', async () => {
  const url = pathToFileURL(join(ROOT, 'scripts/build-kernels.mjs')).href;
  const { compileKernel, packTable } = (await import(url)) as Record<string, () => Promise<string>>;
  const folder = join(ROOT, 'src/detection/prefilter');
  expect(await compileKernel!()).toBe(readFileSync(join(folder, 'kernel.generated.ts'), 'utf8'));
  expect(await packTable!()).toBe(readFileSync(join(folder, 'table.generated.ts'), 'utf8'));
});
