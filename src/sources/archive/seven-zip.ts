import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { SevenZipModule, SevenZipModuleFactory } from '7z-wasm';
import { type Budget, BudgetExceeded } from '../../model/budget.js';
import type { RandomAccess } from '../file-tree.js';
import type { Spool } from '../spool.js';

/** How much memory the decoder may use: dictionaries are as large as an archive says. */
const MEMORY = 160 * 1024 * 1024;
/** A listing beyond this belongs to an archive that is made to hurt. */
const LONGEST_LISTING = 64 * 1024 * 1024;

/** What 7-Zip said about an archive, and what it unpacked. */
export interface Unpacked {
  readonly content: RandomAccess;
  /** Its complaints, a line each. */
  readonly errors: readonly string[];
  readonly exceeded: BudgetExceeded | undefined;
}

export interface SevenZipJob {
  readonly access: RandomAccess;
  readonly budget: Budget;
  readonly spool: Spool;
  readonly password?: string;
}

/** The text of `7z l -slt`. */
export async function list(
  job: SevenZipJob,
): Promise<{ readonly text: string; readonly errors: readonly string[] }> {
  const parts: Buffer[] = [];
  let length = 0;
  const errors = await run(job, ['l', '-slt', '-sccUTF-8'], (bytes) => {
    length += bytes.length;
    if (length > LONGEST_LISTING) throw new Error('its list of members is too long');
    parts.push(bytes);
  });
  return { text: Buffer.concat(parts).toString('utf8'), errors };
}

/** Everything in the archive, one content behind the other, in the order of the listing. No file is written. */
export async function unpack(job: SevenZipJob): Promise<Unpacked> {
  const writer = job.spool.writer();
  let exceeded: BudgetExceeded | undefined;
  const errors = await run(job, ['x', '-so', '-bd'], (bytes) => {
    if (exceeded !== undefined) throw exceeded;
    try {
      job.budget.expand(bytes.length, 0);
    } catch (error) {
      if (error instanceof BudgetExceeded) exceeded = error;
      throw error;
    }
    writer.write(bytes);
  });
  return { content: writer.end(), errors, exceeded };
}

/** The part of WebAssembly that is used here; its types come with a browser's library only. */
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface Instance {
  readonly exports: Readonly<Record<string, unknown>>;
}
interface WebAssemblyGlobal {
  readonly Memory: new () => Memory;
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<Instance>;
}
const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyGlobal };

let compiled: Promise<object> | undefined;
const require = createRequire(import.meta.url);

/** A fresh instance a run: none inherits memory or state from an archive that broke it. */
async function run(
  job: SevenZipJob,
  args: readonly string[],
  output: (bytes: Buffer) => void,
): Promise<string[]> {
  const factory = require('7z-wasm') as SevenZipModuleFactory;
  compiled ??= WebAssembly.compile(readFileSync(require.resolve('7z-wasm/7zz.wasm')));
  const module = await compiled;
  const errors: string[] = [];
  const instance = await factory({
    print: () => {},
    printErr: (line: string) => {
      if (/error|can't|cannot|wrong|unexpected|unsupported/i.test(line) && errors.length < 100)
        errors.push(line.trim());
    },
    quit: () => {},
    ...instantiation(module),
  });
  mount(instance, job.access, output);
  try {
    instance.callMain([...args, '-y', `-p${job.password ?? ''}`, '/archive']);
  } catch (error) {
    // What its own code throws arrives as a bare number.
    errors.push(error instanceof Error ? error.message : 'broke off');
  }
  return errors;
}

function instantiation(module: object): object {
  return {
    instantiateWasm(imports: object, done: (instance: Instance) => void) {
      void WebAssembly.instantiate(module, imports).then((instance) => {
        for (const value of Object.values(instance.exports)) {
          if (value instanceof WebAssembly.Memory) bound(value);
        }
        done(instance);
      });
      return {};
    },
  };
}

/** Refuses growth beyond the limit; the decoder then says that it has not enough memory. */
function bound(memory: Memory): void {
  const grow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    if (memory.buffer.byteLength + pages * 65_536 > MEMORY) throw new RangeError('not enough memory');
    return grow(pages);
  };
}

/** The file system of Emscripten, as far as its type declarations leave it out. */
interface Internals {
  readonly root: object;
  createNode(parent: object, name: string, mode: number, device: number): Record<string, unknown>;
  registerDevice(device: number, operations: object): void;
  makedev(major: number, minor: number): number;
  mkdev(path: string, mode: number, device: number): void;
  getStream(descriptor: number): object;
  close(stream: object): void;
  open(path: string, flags: string): { readonly fd: number };
}

interface Position {
  readonly position: number;
}

/** The archive as `/archive`, read only, and standard output as ours. Nothing else is there. */
function mount({ FS }: SevenZipModule, access: RandomAccess, output: (bytes: Buffer) => void): void {
  const system = FS as unknown as Internals;
  const { size } = access;
  const node = system.createNode(system.root, 'archive', 0o100444, 0);
  const epoch = new Date(0);
  node.node_ops = {
    getattr: () => ({
      dev: 1,
      ino: 1,
      mode: 0o100444,
      nlink: 1,
      uid: 0,
      gid: 0,
      rdev: 0,
      size,
      atime: epoch,
      mtime: epoch,
      ctime: epoch,
      blksize: 4096,
      blocks: Math.ceil(size / 512),
    }),
  };
  node.stream_ops = {
    llseek: ({ position }: Position, offset: number, whence: number) => offset + [0, position, size][whence]!,
    read: (_: unknown, heap: Uint8Array, at: number, length: number, position: number) =>
      access.readAt(position, new Uint8Array(heap.buffer, heap.byteOffset + at, length)),
  };
  const device = system.makedev(90, 0);
  system.registerDevice(device, {
    open() {},
    close() {},
    write(_: unknown, heap: Uint8Array, at: number, length: number) {
      output(Buffer.from(heap.slice(at, at + length)));
      return length;
    },
  });
  system.mkdev('/output', 0o222, device);
  system.close(system.getStream(1));
  system.open('/output', 'w');
}
