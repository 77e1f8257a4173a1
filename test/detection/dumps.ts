// Bytes as `xxd`, `hexdump`, `od` and tools for firmware show them.

export function xxd(bytes: Buffer): string {
  return lines(bytes, (row, offset) => {
    const groups = (row.toString('hex').match(/.{1,4}/g) ?? []).join(' ');
    return `${offset.toString(16).padStart(8, '0')}: ${groups.padEnd(39)}  ${printable(row)}\n`;
  });
}

export function hexdump(bytes: Buffer): string {
  return lines(bytes, (row, offset) => {
    const left = pairs(row.subarray(0, 8)).join(' ').padEnd(23);
    const right = pairs(row.subarray(8)).join(' ').padEnd(23);
    return `${offset.toString(16).padStart(8, '0')}  ${left}  ${right}  |${printable(row)}|\n`;
  });
}

/** As `hexdump` prints them, with or without offsets. */
export function words(bytes: Buffer, offsets: boolean): string {
  return lines(bytes, (row, offset) => {
    const even = Buffer.concat([row, Buffer.alloc(row.length % 2)]);
    const groups = Buffer.from(even).swap16().toString('hex').match(/.{4}/g) ?? [];
    return `${offsets ? offset.toString(16).padStart(7, '0') : ''} ${groups.join(' ')}\n`;
  });
}

/** Words of so many bytes, the last first, the end filled with zeros. */
export function longWords(bytes: Buffer, size: number, lead: (at: number) => string, before: string): string {
  const whole = Buffer.concat([bytes, Buffer.alloc(16 - (bytes.length % 16))]);
  return lines(whole, (row, at) => {
    const groups = row.toString('hex').match(new RegExp(`.{${2 * size}}`, 'g'))!;
    const swapped = groups.map((group) => before + Buffer.from(group, 'hex').reverse().toString('hex'));
    return `${lead(at)}${swapped.join('')}\n`;
  });
}

/** As `od -c` prints them, with or without offsets. */
export function columns(bytes: Buffer, offsets: boolean): string {
  return lines(bytes, (row, offset) => {
    return `${offsets ? offset.toString(8).padStart(7, '0') : ''}${cellsOf(row)}\n`;
  });
}

/** As `od -b` prints them, with something behind. */
export function octals(bytes: Buffer, behind: (row: Buffer) => string): string {
  return lines(
    bytes,
    (row, at) =>
      `${at.toString(8).padStart(7, '0')}${[...row].map((one) => ` ${one.toString(8).padStart(3, '0')}`).join('')}${behind(row)}\n`,
  );
}

export function cellsOf(row: Buffer): string {
  return [...row].map((byte) => (byte === 10 ? '\\n' : char(byte)).padStart(4)).join('');
}

/** Lines of 16 bytes, each with a sum, as firmware is kept. */
export function records(bytes: Buffer, lead: string, above: readonly number[]): string {
  return lines(bytes, (row, at) => {
    const isIntel = lead === ':';
    const address = [...above, at >> 8, at & 255];
    const fields = isIntel
      ? [row.length, ...address, 0, ...row]
      : [row.length + address.length + 1, ...address, ...row];
    const total = fields.reduce((sum, byte) => sum + byte, 0);
    return `${lead}${Buffer.from([...fields, (isIntel ? -total : ~total) & 255])
      .toString('hex')
      .toUpperCase()}\n`;
  });
}

export function dump(bytes: Buffer, width: number, line: (row: number[], at: number) => string): string {
  const rows = Array.from({ length: Math.ceil(bytes.length / width) }, (_, row) => row * width);
  return rows.map((at) => `${line([...bytes.subarray(at, at + width)], at)}\n`).join('');
}

export function lines(bytes: Buffer, line: (row: Buffer, offset: number) => string): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 16) text += line(bytes.subarray(at, at + 16), at);
  return text;
}

export function printable(row: Buffer): string {
  return row.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
}

/** Filled up with zeros. */
export function wholeWords(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

/** Words as numbers, the last byte first. */
export function numbers(bytes: Buffer, size: number, base: number): string[] {
  return Array.from({ length: bytes.length / size }, (_, index) =>
    bytes
      .readUIntLE(index * size, size)
      .toString(base)
      .padStart(base === 8 ? Math.ceil((8 * size) / 3) : 0, '0'),
  );
}

export function pairs(bytes: Buffer): string[] {
  return [...bytes].map(two);
}

export function two(code: number): string {
  return code.toString(16).padStart(2, '0');
}

export function char(byte: number): string {
  return String.fromCharCode(byte);
}
