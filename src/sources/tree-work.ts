/** What a walk still has to do: paths are below its root, one character per byte. */
export type Task =
  /** List a folder, and read what lies in it. */
  | { readonly kind: 'folder'; readonly path: string; readonly gitDir: string | undefined }
  /** Read files of a folder that has too many for one thread. */
  | { readonly kind: 'files'; readonly paths: readonly string[] };

/** What is divided in its own way, and so is for every thread: a repository by its git folder, a long file by its bytes. */
export interface Common {
  readonly kind: 'repository' | 'long file';
  readonly path: string;
}

/** The work of a walk, as the thread that walks sees it. */
export interface TreeWork {
  /** The next task, or none when all is done; what the last one has led to is done then, too. */
  take(): Promise<Task | undefined>;
  /**
   * What the task in hand has led to, all of it at once.
   * @returns what this thread must do itself, alone
   */
  give(led: readonly (Task | Common)[]): readonly (Task | Common)[];
  /** What is for every thread; to be asked for when all tasks are done. */
  common(): readonly Common[];
  /** The walk is over, or given up: nobody waits for this thread. */
  end(): void;
}

function isCommon(led: Task | Common): led is Common {
  return led.kind === 'repository' || led.kind === 'long file';
}

/** The work of a walk that one thread does: folder by folder, what lies in one before its neighbours. */
export class OwnWork implements TreeWork {
  readonly #tasks: Task[] = [{ kind: 'folder', path: '', gitDir: undefined }];
  readonly #common: Common[] = [];

  async take(): Promise<Task | undefined> {
    return this.#tasks.pop();
  }

  give(led: readonly (Task | Common)[]): readonly Task[] {
    for (const each of led) if (isCommon(each)) this.#common.push(each);
    for (const each of [...led].reverse()) if (!isCommon(each)) this.#tasks.push(each);
    return [];
  }

  common(): readonly Common[] {
    return this.#common;
  }

  end(): void {}
}
