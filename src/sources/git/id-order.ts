/** Numbers up to here are whole in a `Float64Array`, which is sorted without being asked to compare. */
const EXACT = 53;

/** The numbers of `count` object IDs of `length` bytes that stand one behind the other, in the order of the IDs. */
export function orderOfIds(ids: Buffer, count: number, length: number): Uint32Array {
  const numbering = 2 ** Math.ceil(Math.log2(Math.max(2, count)));
  // Of each ID as many of the first bits as fit beside its number.
  const dropped = Math.max(1, (2 ** 32 * numbering) / 2 ** EXACT);
  const keys = new Float64Array(count);
  for (let number = 0; number < count; number++) {
    keys[number] = Math.floor(ids.readUInt32BE(number * length) / dropped) * numbering + number;
  }
  keys.sort();
  const order = Uint32Array.from(keys, (key) => key % numbering);
  const compare = (a: number, b: number) =>
    ids.compare(ids, b * length, (b + 1) * length, a * length, (a + 1) * length);
  // Few begin alike.
  for (let from = 0; from < count; ) {
    const head = Math.floor(keys[from]! / numbering);
    let to = from + 1;
    while (to < count && Math.floor(keys[to]! / numbering) === head) to++;
    if (to - from > 1) order.subarray(from, to).sort(compare);
    from = to;
  }
  return order;
}
