import { readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Removes the declarations that the entry's do not lead to. The compiler writes one for each module of the program; who
 * uses the library needs a seventh of them, and the others would look like something to build on.
 */
export function pruneTypes(folder, entry) {
  const used = reachable(join(folder, entry));
  for (const each of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(each.parentPath, each.name);
    if (each.isFile() && !used.has(path)) rmSync(path);
  }
  removeEmpty(folder);
}

function reachable(path, seen = new Set()) {
  if (seen.has(path)) return seen;
  seen.add(path);
  const imports = readFileSync(path, 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]+)['"]/g);
  for (const [, to] of imports) reachable(join(dirname(path), to.replace(/\.js$/, '.d.ts')), seen);
  return seen;
}

function removeEmpty(folder) {
  for (const each of readdirSync(folder, { withFileTypes: true }))
    if (each.isDirectory()) removeEmpty(join(folder, each.name));
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
