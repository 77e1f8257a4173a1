import { setTimeout } from 'node:timers/promises';
import type { Share } from '../model/share.js';
import type { Common, Task, TreeWork } from './tree-work.js';

/** Threads that may walk together. */
const MOST_THREADS = 64;
/** Words of the board: a lock, how many entries there are, which is taken next, where their text ends, the walk under way. */
const LOCK = 0;
const COUNT = 1;
const NEXT = 2;
const TEXT_END = 3;
const NOW = 4;
/** Which threads are busy: they may still add entries. */
const BUSY = 5;
const ENTRIES = BUSY + MOST_THREADS;
/** Words of an entry: its kind, its walk, where its text lies, who took it (from 1 on), whether what it led to is here. */
const ENTRY = 6;
const KIND = 0;
const WALK = 1;
const START = 2;
const LENGTH = 3;
const OWNER = 4;
const IS_LISTED = 5;
const MOST_ENTRIES = 400_000;
const TEXT = 4 * (ENTRIES + MOST_ENTRIES * ENTRY);
/** The lock is held for microseconds: who waits so many milliseconds waits for a thread that died with it. */
const PATIENCE = 2_000;

/** Bytes of {@link Share.work}. Pages that are never written take no memory. */
export const WORK = TEXT + 24 * 1024 * 1024;

const KINDS = ['walk', 'folder', 'files', 'repository', 'long file'] as const;
type Kind = (typeof KINDS)[number];

/** How often each share has come by a root. */
const visits = new WeakMap<Share, Map<string, number>>();

/**
 * The work of walks that several threads do together: each takes the next task that nobody has, whatever folder it is of,
 * so that all are done at once however the tree is shaped. An entry is never taken out: when a thread dies, another does
 * what stands under its name again (`Share.again`).
 */
export class SharedWork implements TreeWork {
  readonly #words: Int32Array;
  readonly #text: Buffer;
  readonly #share: Share;
  /** The entry of this walk. */
  readonly #walk: number;
  /** The entry of the task in hand; nothing when what is done is not on the board. */
  #current: number | undefined;
  /** Where to look for the next task of a thread that died. */
  #next = 0;

  /** @param root names the tree, the same in every thread */
  constructor(board: SharedArrayBuffer, share: Share, root: string) {
    this.#words = new Int32Array(board, 0, TEXT / 4);
    this.#text = Buffer.from(board);
    this.#share = share;
    const seen = visits.get(share) ?? new Map<string, number>();
    visits.set(share, seen);
    const visit = (seen.get(root) ?? 0) + 1;
    seen.set(root, visit);
    this.#walk = this.#locked(() => this.#begin(`${visit} ${encodeURIComponent(root)}`));
  }

  async take(): Promise<Task | undefined> {
    if (this.#share.again === true) return this.#takeAgain();
    for (;;) {
      const found = this.#locked(() => this.#claim());
      if (found !== 'nothing yet') return found;
      await setTimeout(1);
    }
  }

  give(led: readonly (Task | Common)[]): readonly (Task | Common)[] {
    const at = this.#current;
    if (at === undefined) return led;
    if (this.#share.again === true) {
      // What it led to stands on the board, if it came so far; all of it is done by who took it.
      this.#current = undefined;
      return this.#get(at, IS_LISTED) === 1 ? [] : led;
    }
    return this.#locked(() => {
      const left = led.filter((each) => this.#add(each.kind, textOf(each)) === undefined);
      this.#set(at, IS_LISTED, 1);
      return left;
    });
  }

  common(): readonly Common[] {
    return this.#locked(() =>
      this.#entries().flatMap((at): Common[] => {
        const kind = this.#kindOf(at);
        return kind === 'repository' || kind === 'long file' ? [{ kind, path: this.#textOf(at) }] : [];
      }),
    );
  }

  end(): void {
    if (this.#share.again !== true) leave(this.#words.buffer as SharedArrayBuffer, this.#share.index);
  }

  /** @returns the entry of the walk, which the first thread that comes by it makes */
  #begin(name: string): number {
    for (let at = 0; at < this.#words[COUNT]!; at++) {
      if (this.#kindOf(at) === 'walk' && this.#textOf(at) === name) return at;
    }
    const walk = this.#words[COUNT]!;
    this.#words[NOW] = walk;
    if (this.#add('walk', name, walk) === undefined || this.#add('folder', '', walk) === undefined)
      throw new RangeError('the threads share no more work');
    return walk;
  }

  #claim(): Task | 'nothing yet' | undefined {
    this.#current = undefined;
    const busy = this.#words.subarray(BUSY, BUSY + MOST_THREADS);
    const { index } = this.#share;
    busy[index] = 0;
    if (this.#words[NOW] !== this.#walk) return undefined;
    let at = this.#words[NEXT]!;
    while (at < this.#words[COUNT]! && !isTask(this.#kindOf(at))) at++;
    this.#words[NEXT] = at;
    if (at === this.#words[COUNT]) return busy.includes(1) ? 'nothing yet' : undefined;
    this.#words[NEXT] = at + 1;
    this.#set(at, OWNER, index + 1);
    busy[index] = 1;
    this.#current = at;
    return this.#taskOf(at);
  }

  #takeAgain(): Task | undefined {
    return this.#locked(() => {
      for (; this.#next < this.#words[COUNT]!; this.#next++) {
        if (this.#get(this.#next, WALK) !== this.#walk) continue;
        if (this.#get(this.#next, OWNER) !== this.#share.index + 1) continue;
        this.#current = this.#next;
        return this.#taskOf(this.#next++);
      }
      return undefined;
    });
  }

  #taskOf(at: number): Task {
    const text = this.#textOf(at);
    if (this.#kindOf(at) === 'files') return { kind: 'files', paths: text.split('\0') };
    const [path = '', gitDir] = text.split('\0');
    return { kind: 'folder', path, gitDir };
  }

  /** @returns its number; nothing where there is no room */
  #add(kind: Kind, text: string, walk = this.#walk): number | undefined {
    const at = this.#words[COUNT]!;
    const start = this.#words[TEXT_END]!;
    if (at === MOST_ENTRIES || TEXT + start + text.length > this.#text.length) return undefined;
    this.#text.write(text, TEXT + start, 'latin1');
    const entry = [KINDS.indexOf(kind), walk, start, text.length, 0, 0];
    this.#words.set(entry, ENTRIES + at * ENTRY);
    this.#words[COUNT] = at + 1;
    this.#words[TEXT_END] = start + text.length;
    return at;
  }

  /** The entries of this walk. */
  #entries(): number[] {
    const entries: number[] = [];
    for (let at = 0; at < this.#words[COUNT]!; at++) {
      if (this.#get(at, WALK) === this.#walk) entries.push(at);
    }
    return entries;
  }

  #kindOf(at: number): Kind {
    return KINDS[this.#get(at, KIND)]!;
  }

  #textOf(at: number): string {
    const start = TEXT + this.#get(at, START);
    return this.#text.toString('latin1', start, start + this.#get(at, LENGTH));
  }

  #get(at: number, field: number): number {
    return this.#words[ENTRIES + at * ENTRY + field]!;
  }

  #set(at: number, field: number, value: number): void {
    this.#words[ENTRIES + at * ENTRY + field] = value;
  }

  #locked<T>(step: () => T): T {
    const words = this.#words;
    for (let waited = 0; Atomics.compareExchange(words, LOCK, 0, 1) !== 0 && waited < PATIENCE; waited++)
      Atomics.wait(words, LOCK, 1, 1);
    try {
      return step();
    } finally {
      Atomics.store(words, LOCK, 0);
      Atomics.notify(words, LOCK);
    }
  }
}

/** A thread that has died or given up adds nothing any more: nobody waits for it. */
export function leave(board: SharedArrayBuffer, index: number): void {
  Atomics.store(new Int32Array(board, 0, ENTRIES), BUSY + index, 0);
}

function isTask(kind: Kind): boolean {
  return kind === 'folder' || kind === 'files';
}

function textOf(led: Task | Common): string {
  if (led.kind === 'files') return led.paths.join('\0');
  return led.kind === 'folder' && led.gitDir !== undefined ? `${led.path}\0${led.gitDir}` : led.path;
}
