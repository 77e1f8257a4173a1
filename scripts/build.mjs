// Builds dist/: the program and what its threads run, the library, and its types.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.18',
  legalComments: 'linked',
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
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    ),
};

rmSync(`${root}/dist`, { recursive: true, force: true });
await Promise.all([
  build({
    ...shared,
    entryPoints: ['src/cli/main.ts'],
    outfile: 'dist/cli.js',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
    plugins: [apart],
  }),
  build({
    ...shared,
    entryPoints: ['src/workflows/search-thread.ts'],
    outfile: 'dist/search-thread.js',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: REQUIRE },
    plugins: [apart],
  }),
  build({
    ...shared,
    entryPoints: APART,
    outdir: 'dist',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: REQUIRE },
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
    sourcemap: true,
  }),
]);
chmodSync(`${root}/dist/cli.js`, 0o755);
copyFileSync(`${root}/node_modules/7z-wasm/7zz.wasm`, `${root}/dist/7zz.wasm`);
if (!process.argv.includes('--no-types')) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
}
