import { type Budget, BudgetExceeded } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import type { Screen } from '../../model/screen.js';
import type { ScanItem } from '../../model/source.js';
import type { Spool } from '../spool.js';
import type { ContainerFormat } from './container-format.js';
import { diagnosticOf } from './decoded-stream.js';
import { carves, type ExpansionOptions } from './expansion-options.js';
import type { Expansion } from './found.js';
import { Image, type ImageLayer } from './image.js';
import { MemberVolumes } from './member-volumes.js';

/** How many members of one container may be bombs before the rest of it is given up. */
const BOMBS_BORNE = 4;

/** One container that is being read. Bombs in it are counted: each is given up alone, until there are too many. */
export class OpenContainer implements Expansion, ExpansionOptions {
  readonly spool: Spool;
  readonly history: boolean;
  readonly inside: ContainerFormat;
  readonly around: readonly string[];
  readonly layer: ImageLayer | undefined;
  #image: Image | undefined;
  #volumes: MemberVolumes | undefined;
  readonly deep: boolean;
  /** Whether compressed streams are looked for in this, if it is opaque. */
  readonly carved: boolean;
  readonly mayTrail: boolean;
  readonly passwords: readonly string[];
  readonly screen?: Screen;
  readonly #outer: Budget;
  budget: Budget;
  readonly #spent = new Set<Budget>();
  #bombs = 0;

  constructor(
    format: ContainerFormat,
    {
      budget,
      spool,
      history,
      deep = false,
      inside,
      isFollowed = false,
      passwords = [],
      screen,
    }: ExpansionOptions,
    { around, layer }: Pick<Expansion, 'around' | 'layer'>,
  ) {
    this.around = around;
    this.layer = layer;
    this.carved = carves({ deep, inside });
    this.mayTrail = isFollowed;
    this.passwords = passwords;
    if (screen !== undefined) this.screen = screen;
    this.deep = deep;
    this.inside = format;
    this.spool = spool;
    this.history = history;
    this.#outer = budget;
    this.budget = budget.nested();
  }

  /** Members of it that may be one archive. */
  get volumes(): MemberVolumes {
    this.#volumes ??= new MemberVolumes(this.spool);
    return this.#volumes;
  }

  /** What its members may be together. */
  get image(): Image {
    this.#image ??= new Image();
    return this.#image;
  }

  /** Whether it was this container's allowance that was used up. */
  owns({ budget }: BudgetExceeded): boolean {
    return budget !== undefined && (budget === this.budget || this.#spent.has(budget));
  }

  /** Goes on after a member used up this container's ratio, with a fresh one. */
  *bear(error: BudgetExceeded, where: Provenance): Generator<ScanItem> {
    if (!this.owns(error) || this.#bombs === BOMBS_BORNE) throw error;
    // Who was in the middle of the same member may notice it once more.
    if (error.budget !== this.budget) return;
    this.#bombs += 1;
    this.#spent.add(this.budget);
    const { packed } = this.budget;
    this.budget = this.#outer.nested();
    this.budget.expand(0, packed);
    yield diagnosticOf(where, error);
  }
}

/** @returns `undefined` where it would lie deeper than the budget allows. */
export function openContainer(
  format: ContainerFormat,
  options: ExpansionOptions,
  place: Pick<Expansion, 'around' | 'layer'>,
): OpenContainer | undefined {
  try {
    return new OpenContainer(format, options, place);
  } catch (error) {
    if (error instanceof BudgetExceeded && error.limit === 'depth') return undefined;
    throw error;
  }
}
