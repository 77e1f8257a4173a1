// Writes what detection needs at run time and is made beforehand: the kernel as WebAssembly, and the literals of the
// built-in rules. Both are checked in; a test says when they are stale.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';
import { build } from 'esbuild';
import { generateRules } from './generate-rules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = 'src/detection/prefilter';

/** The kernel, compiled. */
export async function compileKernel() {
  let binary;
  const { error, stderr } = await asc.main(
    ['kernels/search.ts', '-o', 'search.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
    {
      readFile: (name, base) => {
        try {
          return readFileSync(join(root, base ?? '', name), 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (_, contents) => {
        binary = Buffer.from(contents);
      },
      listFiles: () => [],
    },
  );
  if (error !== null) throw new Error(`kernels/search.ts does not compile:\n${stderr.toString()}`);
  return generated('kernels/search.ts', `export const KERNEL =\n  '${binary.toString('base64')}';\n`);
}

/** The table of the rules' prefixes, by the program's own code. */
export async function packTable() {
  const scratch = mkdtempSync(join(tmpdir(), 'guardsweep-kernels-'));
  try {
    const entry = `
      export { buildTable } from '${root}${folder}/tables.ts';
      export { pack } from '${root}${folder}/pack.ts';
      export { RULES } from '${root}src/rules/builtin.generated.ts';`;
    const outfile = join(scratch, 'table.mjs');
    // The table that is there may be of another layout, or missing: it takes no part.
    const plugin = {
      name: 'no-table',
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: /table\.generated/ }, ({ path }) => ({ path, namespace: 'none' }));
        onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export const TABLE = {};' }));
      },
    };
    const stdin = { contents: entry, resolveDir: root };
    await build({ stdin, bundle: true, platform: 'node', format: 'esm', outfile, plugins: [plugin] });
    const { buildTable, pack, RULES } = await import(pathToFileURL(outfile).href);
    const prefixes = RULES.map((rule) => rule.prefix);
    return generated(
      'the rules',
      `export const TABLE = {\n  prefixes: '${prefixes.join(' ')}',\n  packed: '${pack(buildTable(prefixes))}',\n};\n`,
    );
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function generated(source, text) {
  return `// Generated from ${source} by scripts/build-kernels.mjs. Edit those.\n${text}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(root, 'src/rules/builtin.generated.ts'), generateRules());
  writeFileSync(join(root, folder, 'kernel.generated.ts'), await compileKernel());
  writeFileSync(join(root, folder, 'table.generated.ts'), await packTable());
}
