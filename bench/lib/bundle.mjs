// Not a benchmark: the program's own modules as one, from their sources.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Detection, its rules and its kernels. The caller removes `folder`. */
export async function bundled() {
  const folder = mkdtempSync(join(tmpdir(), 'guardsweep-bench-'));
  const outfile = join(folder, 'detection.mjs');
  const contents = `
    export { createDetector } from './src/detection/detector.ts';
    export { RULES } from './src/rules/builtin.generated.ts';
    export { createPrefilter } from './src/detection/prefilter/create.ts';
    export { tableFor, tableOf } from './src/detection/prefilter/tables.ts';
    export { literalsOf } from './src/detection/prefilter/literals.ts';`;
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  });
  return { folder, outfile, ...(await import(pathToFileURL(outfile).href)) };
}
