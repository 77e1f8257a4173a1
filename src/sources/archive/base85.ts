/** The digits of base85: of PostScript, of ZeroMQ (RFC 32 there), of RFC 1924, which Python and git use. */
export const DIGITS85 = {
  ascii85: Array.from({ length: 85 }, (_, at) => String.fromCharCode(33 + at)).join(''),
  z85: '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#',
  base85: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~',
} as const;

const GROUP = 5;
const known = new Map<string, Int8Array>();

/** The bytes that digits stand for, four for five; of a last group that is short, one fewer than it has digits. */
export function base85Bytes(text: string, digits: string): Buffer {
  const values = valuesOf(digits);
  const bytes = Buffer.alloc(4 * Math.ceil(text.length / GROUP));
  for (let group = 0; GROUP * group < text.length; group++) {
    let word = 0;
    for (let at = GROUP * group; at < GROUP * (group + 1); at++)
      word = word * 85 + (at < text.length ? values[text.charCodeAt(at)]! : 84);
    bytes.writeUInt32BE(word % 2 ** 32, 4 * group);
  }
  return bytes.subarray(0, Math.floor((4 * text.length) / GROUP));
}

function valuesOf(digits: string): Int8Array {
  const made = known.get(digits);
  if (made !== undefined) return made;
  const values = new Int8Array(256).fill(-1);
  for (const [value, digit] of [...digits].entries()) values[digit.charCodeAt(0)] = value;
  known.set(digits, values);
  return values;
}
