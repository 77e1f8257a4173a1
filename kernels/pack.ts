// The hot loops of reading a git pack: inflating an entry and applying a delta to its base. Everything lies in this
// module's memory; the caller lays it out.
export { adler32 } from './adler';
export * from './delta';
export * from './inflate';

export function heapBase(): usize {
  return __heap_base;
}
