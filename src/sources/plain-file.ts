import { isPlain } from './archive/look-into.js';
import { DiskAccess } from './disk-access.js';

/**
 * Whether a file holds nothing that must be opened, by its content: it is searched as it is.
 * @param deep whether compressed streams are looked for in opaque bytes; then those must be opened too.
 */
export function isPlainFile(path: string, deep: boolean): boolean {
  const where = { kind: 'file', path } as const;
  const access = new DiskAccess(Buffer.from(path), where, true);
  try {
    return isPlain(access, where, deep);
  } catch {
    return false;
  } finally {
    access.close();
  }
}
