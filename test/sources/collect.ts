import { Readable } from 'node:stream';
import { Budget, type BudgetLimits } from '../../src/model/budget.js';
import type { Diagnostic } from '../../src/model/diagnostic.js';
import type { Provenance } from '../../src/model/provenance.js';
import type { ByteStream, ScanUnit, Source } from '../../src/model/source.js';
import { expand } from '../../src/sources/archive/expand.js';
import { ReadableStream } from '../../src/sources/readable-stream.js';
import { Spool } from '../../src/sources/spool.js';

/** What a source yielded, with every content copied. */
export interface Collected {
  readonly units: { readonly path: string; readonly text: string; readonly unit: ScanUnit }[];
  readonly diagnostics: Diagnostic[];
}

export async function collect(source: Source): Promise<Collected> {
  const collected: Collected = { units: [], diagnostics: [] };
  for await (const item of source.units()) {
    if (item.type === 'diagnostic') collected.diagnostics.push(item);
    else
      collected.units.push({ path: pathOf(item.provenance), text: await textOf(item.content), unit: item });
  }
  source.close?.();
  return collected;
}

/** Expands bytes as if they were a file named `name`: in memory, or as a pipe gives them. */
export function expanding(
  bytes: Buffer,
  {
    name = 'a',
    limits = {},
    piped = false,
    history = true,
    deep = false,
    passwords = [],
    chunk = 7000,
  }: ExpandingOptions = {},
): Source {
  const provenance: Provenance = { kind: 'file', path: name };
  const budget = new Budget(limits);
  const spool = new Spool(budget.limits.memory);
  const content = piped ? new ReadableStream(Readable.from(chunksOf(bytes, chunk)), provenance) : bytes;
  return {
    units: () => expand({ type: 'unit', provenance, content }, { budget, spool, history, deep, passwords }),
    close: () => spool.close(),
  };
}

export interface ExpandingOptions {
  readonly name?: string;
  readonly limits?: Partial<BudgetLimits>;
  readonly piped?: boolean;
  readonly history?: boolean;
  readonly deep?: boolean;
  readonly passwords?: readonly string[];
  readonly chunk?: number;
}

/** The places that hold `text`, as paths: `a.zip!b/c`. Names are marked by a leading `name:`. */
export function placesOf(text: string, { units }: Collected): string[] {
  return units
    .filter((unit) => unit.text.includes(text))
    .map(({ path, unit }) => (unit.aspect === 'name' ? `name:${path}` : path));
}

/** Those of them where it was unpacked: the stand-in for Zstandard leaves what it holds as it is. */
export function unpackedPlacesOf(text: string, seen: Collected): string[] {
  return placesOf(text, seen).filter((path) =>
    /!(?:.*!)?(?:content|block at|stream at|value at|data at|archive at|a|b)\b|!in/.test(path),
  );
}

export function pathOf(where: Provenance): string {
  switch (where.kind) {
    case 'member':
      return `${pathOf(where.container)}!${where.path}`;
    case 'file':
    case 'staged':
      return where.path;
    case 'stream':
    case 'ref':
      return where.name;
    case 'object':
      return `${where.repository === undefined ? '' : `${pathOf(where.repository)}#`}${where.type}`;
    case 'commit':
      return `${where.commit}:${where.path}`;
  }
}

export function reasonsOf({ diagnostics }: Collected): string[] {
  return diagnostics.map(({ where, reason }) => `${reason} ${pathOf(where)}`);
}

export async function bytesOf(content: Uint8Array | ByteStream): Promise<Buffer> {
  if (content instanceof Uint8Array) return Buffer.from(content);
  const parts: Buffer[] = [];
  for (;;) {
    const part = Buffer.allocUnsafe(50_000);
    const count = await content.read(part);
    if (count === 0) break;
    parts.push(part.subarray(0, count));
  }
  content.close();
  return Buffer.concat(parts);
}

async function textOf(content: Uint8Array | ByteStream): Promise<string> {
  return (await bytesOf(content)).toString('latin1');
}

function* chunksOf(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
