/** What attribution needs of a commit. IDs are in hex. */
export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  /** `Name <mail>` as the commit has it. */
  readonly author: string;
  /** When it was written, ISO 8601 with the author's offset; empty where it can't be read. */
  readonly date: string;
  /** Seconds since 1970 by the committer's clock, for ordering. */
  readonly time: number;
}

/** What stands for an ID may be anything, a secret too. */
const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Reads the header of a commit; what is malformed is left empty, since hostile history must still be walked. */
export function parseCommit(bytes: Uint8Array): Commit {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blank = buffer.indexOf('\n\n');
  const lines = buffer.toString('utf8', 0, blank < 0 ? buffer.length : blank).split('\n');
  let tree = '';
  const parents: string[] = [];
  let author = '';
  let committer = '';
  for (const line of lines) {
    if (line.startsWith('tree ')) tree ||= idIn(line, 5);
    else if (line.startsWith('parent ')) parents.push(...[idIn(line, 7)].filter((id) => id !== ''));
    else if (line.startsWith('author ')) author ||= line.slice(7);
    else if (line.startsWith('committer ')) committer ||= line.slice(10);
  }
  const written = parseSignature(author);
  return {
    tree,
    parents,
    author: written.person,
    date: written.date,
    time: parseSignature(committer).seconds,
  };
}

/** The IDs that a commit names, without the rest of it. */
export function commitLinks(bytes: Uint8Array): {
  readonly tree: string;
  readonly parents: readonly string[];
} {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const author = buffer.indexOf('\nauthor ');
  const lines = buffer.toString('latin1', 0, author < 0 ? buffer.length : author).split('\n');
  const of = (name: string) =>
    lines
      .filter((line) => line.startsWith(name))
      .map((line) => idIn(line, name.length))
      .filter((id) => id !== '');
  return { tree: of('tree ')[0] ?? '', parents: of('parent ') };
}

function idIn(line: string, at: number): string {
  const text = line.slice(at);
  return ID.test(text) ? text : '';
}

/** The object that a tag object names; undefined when it is malformed. */
export function parseTagTarget(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 128)).toString(
    'latin1',
  );
  return /^object ([0-9a-f]{40,64})\n/.exec(text)?.[1];
}

/** `Name <mail> seconds +hhmm`. */
function parseSignature(text: string): { person: string; date: string; seconds: number } {
  const match = /^(.*?) ?(-?\d{1,15}) ([+-])(\d\d)(\d\d)$/.exec(text);
  if (match === null) return { person: text, date: '', seconds: 0 };
  const seconds = Number(match[2]);
  const minutes = (match[3] === '-' ? -1 : 1) * (Number(match[4]) * 60 + Number(match[5]));
  const local = new Date((seconds + minutes * 60) * 1000);
  const date = Number.isNaN(local.getTime())
    ? ''
    : `${local.toISOString().slice(0, 19)}${match[3]}${match[4]}:${match[5]}`;
  return { person: match[1]!, date, seconds };
}
