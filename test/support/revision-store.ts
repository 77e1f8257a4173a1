import { deflateSync } from 'node:zlib';

/** What a delta does: copies of a base, or adds. */
export type Instruction = { readonly from: number; readonly length: number } | { readonly add: string };

export interface StoredText {
  readonly base?: { readonly revision: number; readonly item: number };
  readonly instructions: readonly Instruction[];
}

/** The files of a store of Subversion's, a revision of one text each: the same bytes every time, without Subversion. */
export function revisionStore(
  texts: readonly StoredText[],
  { version = 1, logical = false }: { readonly version?: 0 | 1 | 2; readonly logical?: boolean } = {},
): Map<string, Buffer> {
  const files = new Map<string, Buffer>([
    ['db/fs-type', Buffer.from('fsfs\n')],
    ['db/format', Buffer.from(`8\nlayout sharded 1000\naddressing ${logical ? 'logical' : 'physical'}\n`)],
  ]);
  texts.forEach((text, revision) => {
    const node = Buffer.from(`id: 0.0.r${revision}/0\ntype: file\ncpath: /a\n\n`);
    const body = Buffer.concat([representation(text, version), node]);
    files.set(`db/revs/0/${revision}`, logical ? Buffer.concat([body, indexOf(revision, body)]) : body);
  });
  return files;
}

function representation({ base, instructions }: StoredText, version: number): Buffer {
  const head = base === undefined ? 'DELTA\n' : `DELTA ${base.revision} ${base.item} 99\n`;
  let sourceEnd = 0;
  let length = 0;
  const codes: Buffer[] = [];
  const added: Buffer[] = [];
  for (const each of instructions) {
    const count = 'add' in each ? each.add.length : each.length;
    length += count;
    if ('add' in each) {
      codes.push(Buffer.from([0x80]), big(count));
      added.push(Buffer.from(each.add, 'latin1'));
    } else {
      codes.push(Buffer.from([0]), big(count), big(each.from));
      sourceEnd = Math.max(sourceEnd, each.from + count);
    }
  }
  const sections = [codes, added].map((parts) => section(Buffer.concat(parts), version));
  const lengths = [0, sourceEnd, length, sections[0]!.length, sections[1]!.length].map(big);
  return Buffer.concat([
    Buffer.from(`${head}SVN${String.fromCharCode(version)}`, 'latin1'),
    ...lengths,
    ...sections,
    Buffer.from('ENDREP\n'),
  ]);
}

function section(bytes: Buffer, version: number): Buffer {
  if (version === 0) return bytes;
  const packed = version === 1 ? deflateSync(bytes) : literals(bytes);
  return Buffer.concat([big(bytes.length), packed.length < bytes.length ? packed : bytes]);
}

/** One block of LZ4 that repeats the last byte but for a few at its end: the shortest that packs anything. */
function literals(bytes: Buffer): Buffer {
  const run = /^(.)\1{40,}/s.exec(bytes.toString('latin1'))?.[0].length ?? 0;
  if (run === 0) return bytes;
  const rest = bytes.subarray(run);
  const match = run - 1 - 4 - 15;
  return Buffer.concat([
    Buffer.from([0x1f]),
    bytes.subarray(0, 1),
    Buffer.from([1, 0, ...longer(match)]),
    Buffer.from([0xf0, ...longer(rest.length - 15)]),
    rest,
  ]);
}

function longer(count: number): number[] {
  return [...Array.from({ length: Math.floor(count / 255) }, () => 255), count % 255];
}

/** Numbers of seven bits a byte, the highest first: as in deltas. */
function big(value: number): Buffer {
  const bytes = [value & 127];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift(128 | (rest & 127));
  return Buffer.from(bytes);
}

/** Numbers of seven bits a byte, the lowest first: as in indexes. */
function small(value: number): Buffer {
  const bytes = [value & 127];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 128;
    bytes.push(rest & 127);
  }
  return Buffer.from(bytes);
}

/** The text is item 5 of its revision, and begins at 0. */
function indexOf(revision: number, body: Buffer): Buffer {
  // Where each lies, one more and doubled, as differences; none is none.
  const page = Buffer.concat([0, 0, 0, 0, 0, 2].map(small));
  const head = [revision, 8192, 1, 1, 1, page.length, 6].map(small);
  const index = Buffer.concat([Buffer.from('L2P-INDEX\n'), ...head, page]);
  const footer = Buffer.from(
    `${body.length} ${'0'.repeat(32)} ${body.length + index.length} ${'0'.repeat(32)}`,
  );
  return Buffer.concat([index, Buffer.from('P2L-INDEX\n'), footer, Buffer.from([footer.length])]);
}
