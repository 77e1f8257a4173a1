/** One member as `7z l -slt` lists it. */
export interface ListedMember {
  readonly path: string;
  /** Undefined where the format does not say. */
  readonly size: number | undefined;
  readonly encrypted: boolean;
  readonly folder: boolean;
}

/** Reads the listing: blocks of `Key = value` behind a line of dashes, divided by blank lines. */
export function parseListing(text: string): ListedMember[] {
  const start = text.indexOf('\n----------\n');
  if (start < 0) return [];
  return text
    .slice(start + 12)
    .split('\n\n')
    .map((block) => new Map(block.split('\n').map(fieldOf)))
    .filter((fields) => fields.has('Path') || fields.has('Size'))
    .map(memberOf);
}

function fieldOf(line: string): [string, string] {
  const at = line.indexOf(' = ');
  return at < 0 ? [line.replace(/ =$/, ''), ''] : [line.slice(0, at), line.slice(at + 3)];
}

function memberOf(fields: ReadonlyMap<string, string>): ListedMember {
  const size = fields.get('Size');
  return {
    path: fields.get('Path') ?? '',
    size: size === undefined || size === '' ? undefined : Number(size),
    encrypted: fields.get('Encrypted') === '+',
    folder:
      fields.get('Folder') === '+' ||
      /^D/.test(fields.get('Attributes') ?? '') ||
      /^d/.test(fields.get('Mode') ?? ''),
  };
}
