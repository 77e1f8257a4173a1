import { DataFault } from '../../model/data-fault.js';
import { InflateFault, inflateExactly } from './inflate.js';
import { hexAt } from './object-format.js';
import { readVarint } from './varint.js';

/** What a table says of a ref: where it leads, or that it is gone. */
export interface RefRecord {
  readonly kind: 'ref';
  /** Its bytes, one character each. */
  readonly name: string;
  /** An object ID in hex, `ref: ` and a name, or undefined for a ref that was deleted. */
  readonly value: string | undefined;
}

/** One entry of a reflog. Texts are bytes, one character each. */
export interface LogRecord {
  readonly kind: 'log';
  readonly name: string;
  /** Object IDs in hex. */
  readonly before: string;
  readonly after: string;
  /** `Name <mail> seconds +hhmm`, as a commit would have it. */
  readonly person: string;
  readonly message: string;
}

export type TableRecord = RefRecord | LogRecord;

/** A table, or the rest of it, that can't be read. */
export class TableFault extends DataFault {
  override readonly name = 'TableFault';
}

export type OnInflate = (out: number, packed: number) => void;

/** Names repeat the beginning of the one before, so that few bytes make many. */
const LONGEST_NAME = 16 * 1024;
const FOOTER = 44;
const MAGIC = 'REFT';
const [REFS, LOGS, INDEX, OBJECTS] = [0x72, 0x67, 0x69, 0x6f];

/**
 * The records of a reftable (git's Documentation/technical/reftable), in their order; of each block from its first to its
 * last, and what could not be read of it. Neither its indexes nor its footer are needed for that, or believed.
 *
 * @param onInflate told how many bytes of a block of logs how many became; may throw. Without it, there are no logs.
 */
export function* tableRecords(bytes: Buffer, onInflate?: OnInflate): Generator<TableRecord | TableFault> {
  try {
    yield* blocks(bytes, onInflate);
  } catch (error) {
    if (!(error instanceof TableFault)) throw error;
    yield error;
  }
}

function* blocks(bytes: Buffer, onInflate: OnInflate | undefined): Generator<TableRecord | TableFault> {
  if (bytes.toString('latin1', 0, 4) !== MAGIC) throw new TableFault('does not begin like a reftable');
  const version = bytes[4]!;
  if (version !== 1 && version !== 2) {
    throw new TableFault(`is a reftable of version ${version}, which is not known`);
  }
  const header = version === 1 ? 24 : 28;
  if (bytes.length < 2 * header + FOOTER) throw new TableFault('is cut short');
  const blockSize = bytes.readUIntBE(5, 3);
  const idBytes = version === 2 && bytes.toString('latin1', 24, 28) === 's256' ? 32 : 20;
  const end = bytes.length - header - FOOTER;
  for (let at = 0; at < end; ) {
    // The header of the file counts as a part of the first block.
    const start = at === 0 ? header : at;
    const type = bytes[start];
    if (start >= end) return;
    const length = bytes.readUIntBE(start + 1, 3);
    if (type === LOGS) {
      // They stand behind everything else.
      if (onInflate === undefined) return;
      const { block, next } = logBlock(bytes, start, end, length);
      onInflate(block.length, next - start);
      yield* upToDamage(logRecords(block, idBytes));
      at = next;
      continue;
    }
    if (type !== REFS && type !== INDEX && type !== OBJECTS) {
      throw new TableFault(`has no block at byte ${start}, where one has to begin`);
    }
    if (length < start - at + 4 + 2 || at + length > end) {
      throw new TableFault(`has a block at byte ${start} that does not fit`);
    }
    if (type === REFS) {
      yield* upToDamage(refRecords(bytes.subarray(at, at + length), start - at + 4, idBytes));
    }
    // Blocks are filled up to their size with zeros, or not at all.
    const padded = blockSize > length && bytes[at + length] === 0;
    at += padded ? blockSize : length;
  }
}

/** Where the next block begins is known: what is damaged in one costs the rest of that one. */
function* upToDamage(records: Iterable<TableRecord>): Generator<TableRecord | TableFault> {
  try {
    yield* records;
  } catch (error) {
    if (!(error instanceof TableFault)) throw error;
    yield error;
  }
}

function logBlock(
  bytes: Buffer,
  start: number,
  end: number,
  length: number,
): { block: Buffer; next: number } {
  if (length < 4 + 2) throw new TableFault(`has a block at byte ${start} that does not fit`);
  try {
    const inflated = inflateExactly(bytes.subarray(start + 4, end), length - 4);
    // Places in the block count from its header, which is not packed.
    const block = Buffer.concat([bytes.subarray(start, start + 4), inflated.bytes]);
    return { block, next: start + 4 + inflated.consumed };
  } catch (error) {
    if (!(error instanceof InflateFault)) throw error;
    throw new TableFault(`has a block at byte ${start} that ${error.message}`, { cause: error });
  }
}

function* refRecords(block: Buffer, from: number, idBytes: number): Generator<RefRecord> {
  const reader = new BlockReader(block, from);
  while (reader.next()) {
    const { name } = reader;
    reader.number();
    if (reader.type === 0) yield { kind: 'ref', name, value: undefined };
    else if (reader.type === 3) yield { kind: 'ref', name, value: `ref: ${reader.text()}` };
    else if (reader.type === 1 || reader.type === 2) {
      const value = reader.id(idBytes);
      if (reader.type === 2) reader.id(idBytes);
      yield { kind: 'ref', name, value };
    } else {
      throw new TableFault(`has a record of type ${reader.type}, which is not known`);
    }
  }
}

function* logRecords(block: Buffer, idBytes: number): Generator<LogRecord> {
  const reader = new BlockReader(block, 4);
  while (reader.next()) {
    // Behind the name stand a zero and eight bytes of a number.
    const name = reader.name.slice(0, Math.max(0, reader.name.length - 9));
    if (reader.type === 0) continue;
    if (reader.type !== 1) throw new TableFault(`has a record of type ${reader.type}, which is not known`);
    const before = reader.id(idBytes);
    const after = reader.id(idBytes);
    const who = `${reader.text()} <${reader.text()}>`;
    const person = `${who} ${reader.number()} ${zoneOf(reader.minutes())}`;
    yield { kind: 'log', name, before, after, person, message: reader.text() };
  }
}

/** The records of one block, one after the other. */
class BlockReader {
  readonly #block: Buffer;
  readonly #end: number;
  #at: number;
  name = '';
  type = 0;

  constructor(block: Buffer, from: number) {
    this.#block = block;
    this.#at = from;
    const restarts = block.readUInt16BE(block.length - 2);
    this.#end = block.length - 2 - 3 * restarts;
    if (this.#end < from) throw new TableFault('has a block whose table does not fit');
  }

  /** Reads the name and the type of the next record; false at the end. */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    const prefix = this.number();
    const both = this.number();
    const suffix = Math.floor(both / 8);
    this.type = both % 8;
    if (prefix > this.name.length || prefix + suffix > LONGEST_NAME)
      throw new TableFault('has a damaged name');
    this.name = this.name.slice(0, prefix) + this.#take(suffix).toString('latin1');
    return true;
  }

  number(): number {
    const found = readVarint(this.#block, this.#at);
    if (found === undefined || found.next > this.#end) throw new TableFault('has a damaged number');
    this.#at = found.next;
    return found.value;
  }

  text(): string {
    return this.#take(this.number()).toString('latin1');
  }

  id(length: number): string {
    return hexAt(this.#take(length), 0, length);
  }

  minutes(): number {
    return this.#take(2).readInt16BE(0);
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#end) throw new TableFault('has a record that is cut short');
    this.#at += length;
    return this.#block.subarray(this.#at - length, this.#at);
  }
}

function zoneOf(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}${String(rest).padStart(2, '0')}`;
}
