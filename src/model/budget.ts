/** What one run may cost. Counts are of real bytes and real entries; declared sizes are never believed. */
export interface BudgetLimits {
  /** Bytes that expansion (archives, decoders, deltas) may produce in the whole run. */
  readonly bytes: number;
  /** How many bytes one byte of a container may become, counted once the container has produced `ratioFloor` bytes. */
  readonly ratio: number;
  readonly ratioFloor: number;
  /** Containers in containers. */
  readonly depth: number;
  /** Members of all containers together. */
  readonly entries: number;
  /** Wall clock of the run; `Infinity` for none. */
  readonly milliseconds: number;
  /** The largest object that is held in memory whole (a git object, a container that needs random access before it spills). */
  readonly memory: number;
}

export const DEFAULT_LIMITS: BudgetLimits = {
  bytes: 1024 ** 4,
  ratio: 1_500,
  ratioFloor: 64 * 1024 ** 2,
  depth: 12,
  entries: 20_000_000,
  milliseconds: Number.POSITIVE_INFINITY,
  memory: 64 * 1024 ** 2,
};

export class BudgetExceeded extends Error {
  override readonly name = 'BudgetExceeded';
  readonly limit: keyof BudgetLimits;
  /** The container's allowance that a ratio used up; absent for the limits of the whole run. */
  readonly budget?: Budget;

  constructor(limit: keyof BudgetLimits, detail: string, budget?: Budget) {
    super(detail);
    this.limit = limit;
    if (budget !== undefined) this.budget = budget;
  }
}

/** Counters that a budget and everything nested in it share. */
interface Spent {
  bytes: number;
  entries: number;
}

/**
 * The one allowance of a run. `nested()` opens a container: same totals, one level deeper, a ratio of its own. What is
 * expanded inside counts towards the ratio of every container around it: nests of small bombs are one big bomb.
 * Every method throws {@link BudgetExceeded} when the allowance is used up.
 */
export class Budget {
  readonly limits: BudgetLimits;
  readonly depth: number;
  readonly #spent: Spent;
  #deadline: number;
  readonly #now: () => number;
  readonly #parent: Budget | undefined;
  #in = 0;
  #out = 0;

  constructor(limits: Partial<BudgetLimits> = {}, now: () => number = Date.now, parent?: Budget) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.depth = parent === undefined ? 0 : parent.depth + 1;
    this.#spent = parent === undefined ? { bytes: 0, entries: 0 } : parent.#spent;
    this.#now = now;
    this.#parent = parent;
    this.#deadline = parent === undefined ? now() + this.limits.milliseconds : parent.#deadline;
  }

  /** The allowance of a container found at this level. */
  nested(): Budget {
    if (this.depth >= this.limits.depth) {
      throw new BudgetExceeded('depth', `nested deeper than ${this.limits.depth} containers (--max-depth)`);
    }
    return new Budget(this.limits, this.#now, this);
  }

  /** For bytes that are read a second time: the same limits and the same deadline, counted anew. */
  again(): Budget {
    const budget = new Budget(this.limits, this.#now);
    budget.#deadline = this.#deadline;
    return budget;
  }

  /** Counts members. */
  entry(count = 1): void {
    this.#spent.entries += count;
    if (this.#spent.entries > this.limits.entries) {
      throw new BudgetExceeded('entries', `more than ${this.limits.entries} members (--max-entries)`);
    }
    this.#checkTime();
  }

  /** Counts bytes that came out of expansion, and the packed bytes that they were made of. */
  expand(out: number, packed: number): void {
    this.#in += packed;
    this.#produce(out);
    // The run itself has no packed size: it is bounded by `bytes`.
    for (let outer = this.#parent; outer !== undefined; outer = outer.#parent) {
      if (outer.#parent !== undefined) outer.#produce(out);
    }
    this.#spent.bytes += out;
    if (this.#spent.bytes > this.limits.bytes) {
      throw new BudgetExceeded('bytes', `expands to more than ${this.limits.bytes} bytes (--max-bytes)`);
    }
    this.#checkTime();
  }

  /** The packed bytes counted so far. */
  get packed(): number {
    return this.#in;
  }

  #produce(out: number): void {
    if (out === 0) return;
    this.#out += out;
    if (this.#out > this.limits.ratioFloor && this.#out > this.#in * this.limits.ratio) {
      throw new BudgetExceeded(
        'ratio',
        `expands to more than ${this.limits.ratio} times its size (--max-ratio)`,
        this,
      );
    }
  }

  #checkTime(): void {
    if (this.#deadline !== Number.POSITIVE_INFINITY && this.#now() > this.#deadline) {
      throw new BudgetExceeded('milliseconds', 'the time allowed for the run is over (--max-time)');
    }
  }
}
