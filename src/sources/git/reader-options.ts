import type { Budget } from '../../model/budget.js';
import type { Provenance } from '../../model/provenance.js';
import type { Screen } from '../../model/screen.js';
import type { Share } from '../../model/share.js';
import type { Attributor } from '../../model/source.js';
import type { MissingObjects } from './missing-objects.js';
import type { ObjectDatabase } from './object-database.js';
import type { PackKernel } from './pack-kernel.js';
import type { RepositoryMemory } from './repository-memory.js';

/** Who looks at bytes in bulk, and what it wants to see object by object. */
export interface Screening {
  readonly screen: Screen;
  /** What containers begin with, one character per byte. */
  readonly marks: readonly string[];
  /** Whether it wants to see blobs with a NUL, too. */
  readonly opaque?: boolean;
}

/** What reading the objects of a database needs beside the object files. */
export interface ReaderOptions {
  readonly database: ObjectDatabase;
  readonly kernel: PackKernel;
  readonly budget: Budget;
  /** The provenance of the git folder, or of the bundle. */
  readonly where: Provenance;
  readonly attributor: Attributor;
  /** Told of every commit, tree and tag that is read; undefined where nothing has to hold all that its objects name. */
  readonly missing?: MissingObjects | undefined;
  /** Lets objects in which nothing is to be seen be passed over. */
  readonly screening?: Screening | undefined;
  /** What earlier runs have scanned. */
  readonly memory?: RepositoryMemory | undefined;
  /** The part to read; all when absent. */
  readonly share?: Share | undefined;
}
