// Writes src/**/*-kernel.generated.ts from kernels/*.ts: WebAssembly, in base64, so that the program is one file.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The kernels that belong to reading git. */
export const GIT_KERNELS = {
  'kernels/walk.ts': 'src/sources/git/pack-kernel.generated.ts',
  'kernels/history.ts': 'src/sources/git/history-kernel.generated.ts',
};

/** The kernels that belong to unpacking, each with memory of its own. */
export const UNPACKING_KERNELS = {
  'kernels/lz4.ts': 'src/sources/archive/lz4-kernel.generated.ts',
  'kernels/lzw.ts': 'src/sources/archive/lzw-kernel.generated.ts',
  'kernels/marks.ts': 'src/sources/archive/mark-kernel.generated.ts',
};

/** Kernels whose memory several threads share. */
export const SHARED_KERNELS = { 'kernels/zstd.ts': 'src/sources/archive/zstd-kernel.generated.ts' };

const OWN_MEMORY = ['--initialMemory', '2'];
// `kernels/search.ts` has its image, its lists and what it searches at fixed places in the first 3 MiB.
const BEHIND_SEARCH = ['--memoryBase', '3145728', '--initialMemory', '50'];
const SHARED_MEMORY = [
  ...['--enable', 'threads', '--importMemory', '--sharedMemory'],
  ...['--initialMemory', '1', '--maximumMemory', '65536'],
];

export async function generateKernel(source) {
  let wasm;
  const { error, stderr } = await asc.main(
    [
      source,
      '--outFile',
      'kernel.wasm',
      '-O3',
      '--enable',
      'simd',
      '--runtime',
      'stub',
      '--noAssert',
      ...memoryOf(source),
      '--converge',
    ],
    {
      writeFile: (name, content) => {
        if (name.endsWith('.wasm')) wasm = content;
      },
    },
  );
  if (error) throw new Error(`${source}: ${error.message}\n${stderr}`);
  return `// Generated from ${source} by scripts/generate-kernels.mjs. Edit that.
export const KERNEL =
  '${Buffer.from(wasm).toString('base64')}';
`;
}

function memoryOf(source) {
  if (source in SHARED_KERNELS) return SHARED_MEMORY;
  return source === 'kernels/walk.ts' ? BEHIND_SEARCH : OWN_MEMORY;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(root);
  for (const [source, target] of Object.entries({ ...GIT_KERNELS, ...UNPACKING_KERNELS, ...SHARED_KERNELS }))
    writeFileSync(target, await generateKernel(source));
}
