// Runs 7-Zip on one archive after the other, on a thread that may be killed at any time. Plain JavaScript, because a
// thread begins with a file as it is: in the sources and in dist/ alike. Nothing is written anywhere: the archive is
// `/archive` in a file system of its own, and standard output goes to the thread that asked.
import { existsSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import SevenZip from '7z-wasm';

const PAGE = 65_536;
const CHUNK = 256 * 1024;
/** How many pieces of output may wait to be read. */
const AHEAD = 6;
const ERROR = /error|can't|cannot|wrong|unexpected|unsupported/i;
const MOST_ERRORS = 100;

/** Pieces that wait, and pages of memory in use here: `seven-zip-thread.ts` has the other end. */
const state = new Int32Array(workerData.state);
const WAITING = 0;
const PAGES = 1;
/** Pages in use by all threads together. */
const shared = new Int32Array(workerData.pages);

const beside = new URL('./7zz.wasm', import.meta.url);
const binary = existsSync(beside)
  ? fileURLToPath(beside)
  : createRequire(import.meta.url).resolve('7z-wasm/7zz.wasm');
const compiled = WebAssembly.compile(readFileSync(binary));

parentPort.on('message', async (job) => {
  const errors = [];
  try {
    await run(job, errors);
  } catch (error) {
    // What 7-Zip's own code throws arrives as a bare number.
    errors.push(error instanceof Error ? error.message : 'broke off');
  }
  free();
  parentPort.postMessage({ errors });
});

/** A fresh instance a run: none inherits memory or state from an archive that broke it. */
async function run({ args, files }, errors) {
  const module = await compiled;
  const instance = await SevenZip({
    print() {},
    printErr(line) {
      if (ERROR.test(line) && errors.length < MOST_ERRORS) errors.push(line.trim());
    },
    quit() {},
    instantiateWasm(imports, done) {
      WebAssembly.instantiate(module, imports).then((made) => {
        for (const value of Object.values(made.exports)) {
          if (value instanceof WebAssembly.Memory) bound(value);
        }
        done(made);
      });
      return {};
    },
  });
  const output = new Output();
  mount(instance.FS, files, output);
  try {
    instance.callMain([...args, `/${files[0].name}`]);
  } finally {
    output.flush();
  }
}

/** Refuses growth beyond what all threads may use; the decoder then says that it has not enough memory. */
function bound(memory) {
  take(memory.buffer.byteLength / PAGE);
  const grow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    if (Atomics.load(shared, 0) + pages > workerData.mostPages) throw new RangeError('not enough memory');
    take(pages);
    return grow(pages);
  };
}

function take(pages) {
  Atomics.add(shared, 0, pages);
  Atomics.add(state, PAGES, pages);
}

function free() {
  Atomics.sub(shared, 0, Atomics.exchange(state, PAGES, 0));
}

/** Gathers what is written into pieces, and waits where the reader is behind. */
class Output {
  #piece = new Uint8Array(CHUNK);
  #length = 0;

  write(bytes) {
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(bytes.length - at, CHUNK - this.#length);
      this.#piece.set(bytes.subarray(at, at + count), this.#length);
      this.#length += count;
      at += count;
      if (this.#length === CHUNK) this.flush();
    }
  }

  flush() {
    if (this.#length === 0) return;
    for (let waiting = Atomics.load(state, WAITING); waiting >= AHEAD; ) {
      Atomics.wait(state, WAITING, waiting);
      waiting = Atomics.load(state, WAITING);
    }
    Atomics.add(state, WAITING, 1);
    const piece = this.#piece.subarray(0, this.#length);
    parentPort.postMessage(piece, [piece.buffer]);
    this.#piece = new Uint8Array(CHUNK);
    this.#length = 0;
  }
}

/** The archive, read only, and standard output as ours. Nothing else is there. */
function mount(system, files, output) {
  for (const [index, file] of files.entries()) mountFile(system, file, index + 1);
  const device = system.makedev(90, 0);
  system.registerDevice(device, {
    open() {},
    close() {},
    write(_, heap, at, length) {
      output.write(heap.subarray(at, at + length));
      return length;
    },
  });
  system.mkdev('/output', 0o222, device);
  system.close(system.getStream(1));
  system.open('/output', 'w');
}

function mountFile(system, { name, source }, ino) {
  const { size } = source;
  const node = system.createNode(system.root, name, 0o100444, 0);
  const epoch = new Date(0);
  node.node_ops = {
    getattr: () => ({
      dev: 1,
      ino,
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
    llseek: ({ position }, offset, whence) => offset + [0, position, size][whence],
    read: (_, heap, at, length, position) => {
      const count = Math.max(0, Math.min(length, size - position));
      return count === 0
        ? 0
        : read(source, position, new Uint8Array(heap.buffer, heap.byteOffset + at, count));
    },
  };
}

/** The same bytes as `SharedBytes` describes them. */
function read({ descriptor, bytes, pieces, start }, position, into) {
  if (pieces !== undefined) return readPiece(pieces, position, into);
  if (descriptor !== undefined) return readSync(descriptor, into, 0, into.length, start + position);
  into.set(new Uint8Array(bytes, start + position, into.length));
  return into.length;
}

/** As much as one piece has. */
function readPiece(pieces, position, into) {
  let start = 0;
  for (const piece of pieces) {
    const left = start + piece.size - position;
    if (left > 0) return read(piece, position - start, into.subarray(0, left));
    start += piece.size;
  }
  return 0;
}
