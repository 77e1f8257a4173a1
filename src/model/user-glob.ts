import { Misuse } from './misuse.js';

/**
 * A glob of user identifiers, in which `*` and `?` alone mean something. One that would silently fit nobody is refused:
 * whoever wrote it believes that somebody is protected by it.
 *
 * @throws {Misuse} for an empty one, and for what other globs have and these have not.
 */
export function userGlob(glob: string, name: string): string {
  if (glob.trim() === '') throw new Misuse(`${name} is empty, and would match nobody`);
  if (/[[\]{}]|^!/.test(glob)) {
    throw new Misuse(
      `${name} “${glob}”: only * and ? are special in it; give several, without [ ] { } and !`,
    );
  }
  return glob;
}
