/**
 * What package managers and interpreters put into a folder by themselves, whole, and would put there again: patterns for
 * `--exclude`. Nothing that people or builds write is among them: hidden files, build results and git's own folder are
 * where tokens leak.
 */
export const WELL_KNOWN: readonly string[] = [
  'node_modules',
  'bower_components',
  'jspm_packages',
  '.yarn/cache',
  '.pnpm-store',
  'site-packages',
  '__pycache__',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
].map((name) => `**/${name}`);
