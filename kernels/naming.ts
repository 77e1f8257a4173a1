// Makes every object of a pack, for whoever names them: what an object is called is the hash of all its bytes.
import { rebuild } from './copied';
import { fits, grow, plant } from './delta-tree';
import { TAG, sizeOf, typeOf } from './entries';
import { resultSize } from './pack';

/** Told of an object; at 0 when that object, or one that is built on it, can't be made here. */
// @ts-ignore: decorator
@external('env', 'made')
declare function made(entry: i32, type: i32, at: usize, length: i32): void;

let type: i32 = 0;

/** Makes the objects of plain entries of [from, to), and all that is built on them. */
export function makeAll(from: i32, to: i32): void {
  for (let root = from; root < to; root++) {
    type = typeOf(root);
    if (type > TAG) continue;
    const bytes: usize = type == 0 ? 0 : plant(root);
    made(root, type, bytes, bytes == 0 ? 0 : sizeOf(root));
    if (bytes != 0 && !grow(root, tell)) made(root, type, 0, 0);
  }
}

function tell(
  child: i32,
  _parent: i32,
  base: usize,
  baseLength: i32,
  delta: usize,
  deltaLength: i32,
  target: usize,
  _leaf: bool,
): bool {
  const size: i32 = resultSize;
  if (!fits(target, size, delta) || !rebuild(base, baseLength, delta, deltaLength, target, size)) return false;
  made(child, type, target, size);
  return true;
}
