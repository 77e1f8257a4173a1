// What dist/cli.js and dist/search-thread.cjs are: they run a script beside them from what V8 made of it when it was built.
// Parsing a megabyte of source is a third of a start. Code of another V8 is refused by V8, which then parses as ever.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

/**
 * @param url of the script, a function of `require` and `url`
 * @param as the URL that it takes for its own
 * @returns what V8 knows of it
 */
export function start(url, as) {
  const filename = fileURLToPath(url);
  const script = new Script(readFileSync(filename, 'utf8'), { filename, ...cached(filename) });
  script.runInThisContext()(createRequire(as), as);
  return script;
}

/** @param filename of a script */
export function cacheOf(filename) {
  return filename.replace(/\.js$/, '.v8');
}

function cached(filename) {
  try {
    return { cachedData: readFileSync(cacheOf(filename)) };
  } catch {
    return {};
  }
}
