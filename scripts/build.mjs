// Builds dist/: the program and what its threads run, the library, and its types.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licensesOf } from './licenses.mjs';
import { pruneTypes } from './prune-types.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.18',
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
};

/** CommonJS dependencies inside an ES module still call `require` for Node's own modules. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";

/** Modules that are imported late, with packages as large as all of ours: parsing them would be a third of a start. */
const APART = {
  undici: 'src/takumi/undici.ts',
  yaml: 'src/rules/yaml.ts',
  'worktree-exclusions': 'src/sources/worktree-exclusions.ts',
};

const apart = {
  name: 'apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: new RegExp(`^\\./(?:${Object.keys(APART).join('|')})\\.js$`) }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: path.replace(/\.js$/, '.cjs'), external: true } : undefined,
    ),
};

/** FILE in dist/, which starts NAME-script.js there, a function of `require` and the URL of the former. See start.mjs. */
async function started(name, file, entryPoint, { format, url, shebang = '' }) {
  const contents = `import { start } from './start.mjs'; start(new URL('./${name}-script.js', ${url}), ${url});`;
  return Promise.all([
    build({
      ...shared,
      format,
      stdin: { contents, resolveDir: `${root}/scripts` },
      outfile: `dist/${file}`,
      banner: { js: shebang },
    }),
    build({
      ...shared,
      format: 'iife',
      entryPoints: [entryPoint],
      outfile: `dist/${name}-script.js`,
      minifySyntax: true,
      minifyWhitespace: true,
      define: { 'import.meta.url': '__url' },
      // What V8 made of a script earlier has no place to import from.
      supported: { 'dynamic-import': false },
      banner: { js: '(function (require, __url) {' },
      footer: { js: '})' },
      plugins: [apart],
    }),
  ]);
}

/** Keeps what V8 makes of the scripts when they search a little of everything. */
function warm() {
  const folder = mkdtempSync(join(tmpdir(), 'guardsweep-warm-'));
  for (let index = 0; index < 20; index++)
    writeFileSync(join(folder, `${index}.txt`), 'text\n'.repeat(index));
  for (const script of ['cli', 'search-thread'])
    execFileSync(process.execPath, ['scripts/warm.mjs', `dist/${script}-script.js`, folder], { cwd: root });
  rmSync(folder, { recursive: true });
}

rmSync(`${root}/dist`, { recursive: true, force: true });
const built = await Promise.all([
  started('cli', 'cli.js', 'src/cli/main.ts', {
    format: 'esm',
    url: 'import.meta.url',
    shebang: '#!/usr/bin/env node',
  }),
  // Node takes 20 ms longer to start a thread by an ES module.
  started('search-thread', 'search-thread.cjs', 'src/workflows/search-thread.ts', {
    format: 'cjs',
    url: "require('node:url').pathToFileURL(__filename).href",
  }),
  build({
    ...shared,
    format: 'cjs',
    entryPoints: APART,
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    minifySyntax: true,
    minifyWhitespace: true,
  }),
  build({ ...shared, entryPoints: ['src/sources/digest-worker.js'], outfile: 'dist/digest-worker.js' }),
  build({ ...shared, entryPoints: ['src/sources/archive/zstd-worker.js'], outfile: 'dist/zstd-worker.js' }),
  // Finds the decoder beside it.
  build({
    ...shared,
    entryPoints: ['src/sources/archive/seven-zip-worker.js'],
    outfile: 'dist/seven-zip-worker.js',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: `${REQUIRE}const __dirname = import.meta.dirname;` },
  }),
  build({
    ...shared,
    entryPoints: ['src/index.ts'],
    outfile: 'dist/index.js',
    external: Object.keys(manifest.dependencies),
  }),
]);
chmodSync(`${root}/dist/cli.js`, 0o755);
warm();
const decoder = 'node_modules/7z-wasm/7zz.wasm';
copyFileSync(`${root}/${decoder}`, `${root}/dist/7zz.wasm`);
const bundled = built.flat().flatMap(({ metafile }) => Object.keys(metafile.inputs));
writeFileSync(`${root}/dist/LICENSES.txt`, licensesOf(root, [...bundled, decoder]));
if (!process.argv.includes('--no-types')) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  pruneTypes(`${root}/dist/types`, 'index.d.ts');
}
