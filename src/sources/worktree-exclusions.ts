import { sep } from 'node:path';
import fastGlob from 'fast-glob';

/**
 * The paths under `root` that the user's patterns (`--exclude`, fast-glob's syntax) leave out, as the walk names them.
 * A folder that is left out takes everything in it along.
 */
export function excludedPaths(root: string, patterns: readonly string[]): ReadonlySet<string> {
  const paths = fastGlob.sync(
    patterns.map((pattern) => (sep === '\\' ? pattern.replaceAll('\\', '/') : pattern)),
    { cwd: root, dot: true, onlyFiles: false, followSymbolicLinks: false, suppressErrors: true },
  );
  return new Set(paths.map((path) => Buffer.from(path).toString('latin1')));
}
