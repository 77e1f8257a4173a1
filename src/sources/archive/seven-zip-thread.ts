import { Worker } from 'node:worker_threads';
import type { SharedBytes } from '../file-tree.js';

/** How much memory all decoders together may use: dictionaries are as large as an archive says. */
const MEMORY = 160 * 1024 * 1024;
const PAGE = 65_536;
/** A decoder that gives nothing for so long is stuck, or was made to be. */
const PATIENCE = 20_000;
const LIMITS = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 8 };
/** Threads that are kept for the next archive. */
const KEPT = 1;

/** What is shared with `seven-zip-worker.js`: pieces of output that wait, and pages of memory in use. */
const WAITING = 0;
const PAGES = 1;
const pages = new SharedArrayBuffer(4);
const idle: Thread[] = [];

/** A file that 7-Zip sees: the archive, or a volume of it. */
export interface SevenZipFile {
  readonly name: string;
  readonly source: SharedBytes;
}

interface Thread {
  readonly worker: Worker;
  readonly state: Int32Array;
}

/** One run of 7-Zip, on another thread. What it writes comes in pieces, in order; it waits for who reads them. */
export class SevenZipRun {
  /** Its complaints, one per line; complete when the output is over. */
  readonly errors: string[] = [];
  readonly #thread: Thread;
  readonly #pieces: Uint8Array[] = [];
  #over = false;
  #wake: (() => void) | undefined;

  /** @param files the archive, or its volumes, the first one first */
  constructor(args: readonly string[], files: readonly SevenZipFile[]) {
    this.#thread = idle.pop() ?? start();
    const { worker } = this.#thread;
    worker.ref();
    worker.on('message', (message: Uint8Array | { readonly errors: readonly string[] }) => {
      if (message instanceof Uint8Array) this.#pieces.push(message);
      else this.#end(message.errors, true);
      this.#wake?.();
    });
    worker.on('error', (error: Error) => this.#end([`the decoder broke off: ${error.message}`], false));
    worker.on('exit', () => this.#end(['the decoder broke off'], false));
    worker.postMessage({ args, files });
  }

  /** The next piece, undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#pieces.length === 0 && !this.#over) await this.#patiently();
    const piece = this.#pieces.shift();
    if (piece === undefined) return undefined;
    const { state } = this.#thread;
    Atomics.sub(state, WAITING, 1);
    Atomics.notify(state, WAITING);
    return piece;
  }

  /** Ends it, wherever it is. */
  close(): void {
    this.#end([], false);
  }

  async #patiently(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#end([`no progress for ${PATIENCE / 1000} seconds`], false);
        resolve();
      }, PATIENCE);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #end(errors: readonly string[], reusable: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.errors.push(...errors);
    const { worker, state } = this.#thread;
    // By name: without one, what a worker itself listens to would go as well.
    for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
    worker.unref();
    if (reusable && idle.length < KEPT) {
      idle.push({ worker, state });
    } else {
      // A thread that is killed may still complain on its way out.
      worker.on('error', () => {});
      void worker.terminate().then(() => {
        Atomics.sub(new Int32Array(pages), 0, Atomics.exchange(state, PAGES, 0));
      });
    }
    this.#wake?.();
  }
}

function start(): Thread {
  const state = new SharedArrayBuffer(8);
  const worker = new Worker(new URL('./seven-zip-worker.js', import.meta.url), {
    workerData: { state, pages, mostPages: MEMORY / PAGE },
    resourceLimits: LIMITS,
  });
  return { worker, state: new Int32Array(state) };
}
