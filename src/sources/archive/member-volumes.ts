import type { MemberProvenance } from '../../model/provenance.js';
import type { ScanUnit } from '../../model/source.js';
import { volumesFrom } from '../../model/volume-names.js';
import type { RandomAccess } from '../file-tree.js';
import { AccessStream } from '../random-access.js';
import { accessOf, pin, type Spool } from '../spool.js';
import { areVolumes, VolumesAccess } from '../volumes-access.js';
import { isVolumeByName } from './named.js';

/**
 * Members that may be volumes of an archive inside a container: kept until all of them were seen, for they may lie there in any
 * order.
 */
export class MemberVolumes {
  readonly #spool: Spool;
  readonly #kept = new Map<string, { readonly unit: ScanUnit; readonly access: RandomAccess }>();

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  /**
   * By its name, and by what was kept before it: the last volume of a zip is called like any other zip, and of two members of
   * one name the second is read by itself.
   */
  wants({ provenance }: ScanUnit): boolean {
    if (provenance.kind !== 'member' || this.#kept.has(provenance.path)) return false;
    const { path } = provenance;
    return isVolumeByName(path) || (/\.zip$/i.test(path) && this.#kept.has(path.replace(/ip$/i, '01')));
  }

  /** Takes the content, which comes once. */
  async keep(unit: ScanUnit): Promise<void> {
    const access = pin(await accessOf(unit.content, this.#spool), this.#spool);
    this.#kept.set((unit.provenance as MemberProvenance).path, { unit, access });
  }

  /** What was kept: archives put together, and what is a part of none, each by itself. */
  *units(): Generator<ScanUnit> {
    const has = (path: string) => this.#kept.has(path);
    for (const first of [...this.#kept.keys()]) {
      const cut = has(first) ? volumesFrom(first, has) : undefined;
      const parts = (cut?.names ?? []).map((name) => ({ name, access: this.#kept.get(name)!.access }));
      if (cut === undefined || !areVolumes(cut.kind, parts)) continue;
      const { unit } = this.#kept.get(cut.opens)!;
      for (const name of cut.names) this.#kept.delete(name);
      const { span: _, ...place } = unit.provenance as MemberProvenance;
      yield {
        ...unit,
        provenance: { ...place, volumes: cut.names.length },
        content: new AccessStream(new VolumesAccess(parts)),
      };
    }
    for (const { unit, access } of this.#kept.values())
      yield { ...unit, provenance: unit.provenance, content: new AccessStream(access) };
    this.#kept.clear();
  }
}
