import { type FileTree, joinPath } from '../file-tree.js';
import { attempt } from './attempt.js';
import { parseConfig } from './config.js';
import { readPlainText } from './plain-file.js';
import type { Refs } from './refs.js';

const LINE = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) /gm;

/** What only this clone knows of its branches: what they were, by their reflogs, and what they follow, by its configuration. */
export class BranchPast {
  readonly #tree: FileTree;
  readonly #gitDir: string;
  readonly #commonDir: string;
  readonly #refs: Refs;

  constructor(tree: FileTree, gitDir: string, commonDir: string, refs: Refs) {
    this.#tree = tree;
    this.#gitDir = gitDir;
    this.#commonDir = commonDir;
    this.#refs = refs;
  }

  /** The ID that a ref (its full name) had `ago` entries of its reflog ago. Tables keep reflogs that are not looked into. */
  was(ref: string, ago: number): string | undefined {
    const folder = ref === 'HEAD' ? this.#gitDir : this.#commonDir;
    const text = this.#read(joinPath(folder, `logs/${ref}`));
    const entries = [...text.matchAll(LINE)];
    return ago === entries.length ? entries[0]?.[1] : entries.at(-1 - ago)?.[2];
  }

  /** The ref that a branch follows, where it is kept under the name that git gives it unasked. */
  upstream(branch: string): string | undefined {
    const name = branch.replace(/^refs\/heads\//, '');
    const config = parseConfig(this.#read(joinPath(this.#commonDir, 'config')));
    const remote = config.get(`branch.${name}.remote`);
    const merge = config.get(`branch.${name}.merge`);
    if (remote === undefined || merge === undefined) return undefined;
    return remote === '.' ? merge : merge.replace(/^refs\/heads\//, `refs/remotes/${remote}/`);
  }

  /** The branch that is checked out. */
  get current(): string | undefined {
    return this.#refs.nameIn('HEAD');
  }

  /** What can't be read names nothing: then the revision is unknown. */
  #read(path: string): string {
    return attempt(() => readPlainText(this.#tree, path)) ?? '';
  }
}
