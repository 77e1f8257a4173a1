import { Misuse } from '../../model/misuse.js';
import type { BranchPast } from './branch-past.js';
import { commitLinks, parseTagTarget } from './commit-object.js';
import type { ObjectDatabase } from './object-database.js';
import { hexAt } from './object-format.js';
import type { Refs } from './refs.js';

/** A revision that nothing in the repository answers to. */
export class UnknownRevision extends Misuse {
  override readonly name = 'UnknownRevision';
}

/** Where names are looked for, in git's order (gitrevisions). */
const PLACES = ['', 'refs/', 'refs/tags/', 'refs/heads/', 'refs/remotes/'];

/**
 * The commit that a revision names: an ID or its beginning, a ref, `@{N}` or `@{upstream}` of one, each with `~N`, `^N` or
 * `^{commit}` behind it.
 * @throws {UnknownRevision}
 */
export function resolveRevision(
  database: ObjectDatabase,
  refs: Refs,
  past: BranchPast,
  revision: string,
): string {
  const [, name = '', steps = ''] = /^(.*?)((?:~\d*|\^\d*|\^\{(?:commit)?\})*)$/.exec(revision) ?? [];
  const fail = (why: string): never => {
    throw new UnknownRevision(
      `${revision}: ${why}. Name a commit, a branch or a tag of this repository; a shallow clone may lack it (fetch-depth: 0)`,
    );
  };
  let id = inThePast(refs, past, name) ?? refs.resolve(fullName(refs, name) ?? '');
  if (id === undefined && /^[0-9a-f]{4,64}$/i.test(name)) {
    const found = idsThatBegin(database, name.toLowerCase());
    if (found.length > 1) fail('more than one object begins so');
    id = found[0];
  }
  if (id === undefined) return fail('no such revision');
  for (const [step] of steps.matchAll(/~\d*|\^\d+|\^(?!\{)/g)) {
    const count = step.length === 1 ? 1 : Number(step.slice(1));
    for (let done = 0; done < (step[0] === '~' ? count : Math.min(count, 1)); done++) {
      const parents: readonly string[] = commitLinks(
        commitBytes(database, id!) ?? fail('no such commit'),
      ).parents;
      id = parents[step[0] === '~' ? 0 : count - 1] ?? fail('it has no such parent');
    }
  }
  return peeled(database, id!) ?? fail('it names no commit that is here');
}

/** The full name of a ref, as git looks for it. */
function fullName(refs: Refs, name: string): string | undefined {
  const full = PLACES.map((place) => place + (name === '@' ? 'HEAD' : name));
  return full.find((ref) => refs.resolve(ref) !== undefined);
}

/** `BRANCH@{2}`, what it was, and `BRANCH@{upstream}`, what it follows; without a name, of the branch that is checked out. */
function inThePast(refs: Refs, past: BranchPast, name: string): string | undefined {
  const [, branch = '', ago, follows] = /^(.*)@\{(?:(\d{1,9})|(u(?:pstream)?))\}$/i.exec(name) ?? [];
  if (ago === undefined && follows === undefined) return undefined;
  const ref = branch === '' ? (past.current ?? 'HEAD') : fullName(refs, branch);
  if (ref === undefined) return undefined;
  if (ago !== undefined) return past.was(ref, Number(ago));
  return refs.resolve(past.upstream(ref === 'HEAD' ? (past.current ?? '') : ref) ?? '');
}

function commitBytes(database: ObjectDatabase, id: string): Uint8Array | undefined {
  return database.tryRead(peeled(database, id) ?? '', 'commit');
}

function peeled(database: ObjectDatabase, id: string): string | undefined {
  let at = id;
  for (let depth = 0; depth < 10; depth++) {
    const object = database.readSafely(at);
    if (object?.type === 'commit') return at;
    const target = object?.type === 'tag' ? parseTagTarget(object.bytes) : undefined;
    if (target === undefined) return undefined;
    at = target;
  }
  return undefined;
}

function idsThatBegin(database: ObjectDatabase, beginning: string): string[] {
  if (beginning.length === database.format.bytes * 2) {
    return database.has(Buffer.from(beginning, 'hex')) ? [beginning] : [];
  }
  const first = Number.parseInt(beginning.slice(0, 2), 16);
  const found = new Set<string>();
  for (const { bytes, count, step } of database.ids()) {
    for (let row = 0; row < count; row++) {
      if (bytes[row * step] !== first) continue;
      const id = hexAt(bytes, row * step, database.format.bytes);
      if (id.startsWith(beginning)) found.add(id);
    }
  }
  return [...found];
}
