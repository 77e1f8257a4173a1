/** Files of one folder that are one archive, cut into volumes. */
export interface VolumeNames {
  /** `pieces` are its bytes as they are, one behind the other; the others count their volumes. */
  readonly kind: 'pieces' | 'zip' | 'rar' | 'ewf';
  /** The one by which people open it. */
  readonly opens: string;
  /** In the order of their bytes, two or more. */
  readonly names: readonly string[];
}

/** How volumes are named: a number that counts them, from 0, and back. */
interface Scheme {
  readonly kind: VolumeNames['kind'];
  /** Of this volume. */
  readonly number: number;
  /** Of the first one. */
  readonly first: number;
  nameOf(number: number): string;
  /** What the first one may be called: a counter need not fill up with zeros. */
  readonly firstNames: readonly string[];
}

/** What ends the name of what may be a first volume: for the many names that end in nothing of the kind. */
const FIRST = /[01]$|aa$|\.rar$/i;
const DIGITS = /^(.+(?:[._-]|part))(\d{1,5})$/i;
const LETTERS = /^(.*?)([a-z]{2})$/;
const ZIP = /^(.+\.)(z)(\d{2,5})$/i;
const ENDS_ZIP = /^(.+\.)(z)ip$/i;
const RAR = /^(.+\.part)(\d{1,5})(\.rar)$/i;
const OLD_RAR = /^(.+\.)(?:(rar)|([r-z])(\d\d))$/i;
/** Images of disks as EnCase cuts them. */
const EWF = /^(.+\.e)(?:(\d\d)|([a-z]{2}))$/i;
const LETTER = 26;
const HUNDRED = 100;

/** Whether a name may be that of a first volume. */
export function mayBeFirst(name: string): boolean {
  return FIRST.test(name);
}

/**
 * The volumes of the archive that a file is the first of: 7-Zip, `split` and file splitters count pieces (`.001`, `.aa`), zip
 * ends in `.zip` behind `.z01` (APPNOTE 8.3), RAR counts in `.part1.rar`, or in `.r00` behind `.rar`.
 */
export function volumesFrom(first: string, has: (name: string) => boolean): VolumeNames | undefined {
  const scheme = schemesOf(first).find((each) => each.number === each.first);
  if (scheme === undefined) return undefined;
  const { kind, number, nameOf } = scheme;
  if (number > 0 && has(nameOf(number - 1))) return undefined;
  const names: string[] = [];
  for (let at = number; has(nameOf(at)); at++) names.push(nameOf(at));
  if (kind === 'zip') return withZip(names, has);
  return names.length < 2 ? undefined : { kind, opens: first, names };
}

/** The volumes of the archive that is opened by a file, of which it is known how many there are. */
export function volumesCounted(opens: string, count: number): VolumeNames | undefined {
  const zip = ENDS_ZIP.exec(opens);
  const first = zip === null ? opens : `${zip[1]}${zip[2]}01`;
  const scheme = schemesOf(first).find((each) => each.number === each.first);
  if (scheme === undefined) return undefined;
  const { kind, number, nameOf } = scheme;
  const counted = Array.from({ length: zip === null ? count : count - 1 }, (_, at) => nameOf(number + at));
  return { kind, opens, names: zip === null ? counted : [...counted, opens] };
}

/** The first volume of the archive that a file may be any volume of. */
export function firstOf(name: string, has: (name: string) => boolean): string | undefined {
  const zip = ENDS_ZIP.exec(name);
  const firsts = zip === null ? [] : [`${zip[1]}${zip[2]}01`];
  for (const { firstNames } of schemesOf(name)) firsts.push(...firstNames);
  return firsts.find((each) => has(each) && volumesFrom(each, has)?.names.includes(name));
}

function withZip(names: readonly string[], has: (name: string) => boolean): VolumeNames | undefined {
  if (names.length === 0) return undefined;
  const [, stem, letter] = ZIP.exec(names[0]!)!;
  const last = [`${stem}${letter}ip`, `${stem}zip`, `${stem}ZIP`].find(has);
  if (last === undefined) return undefined;
  return { kind: 'zip', opens: last, names: [...names, last] };
}

function schemesOf(name: string): Scheme[] {
  const zip = ZIP.exec(name);
  if (zip !== null) return [counted('zip', zip[3]!, 1, (digits) => `${zip[1]}${zip[2]}${digits}`)];
  const rar = RAR.exec(name);
  if (rar !== null) return [counted('rar', rar[2]!, 1, (digits) => `${rar[1]}${digits}${rar[3]}`)];
  const old = OLD_RAR.exec(name);
  if (old !== null) return [oldRar(old)];
  const ewf = EWF.exec(name);
  if (ewf !== null) return [ofDisk(ewf)];
  const digits = DIGITS.exec(name);
  if (digits !== null) {
    const [, stem, number] = digits as unknown as [string, string, string];
    return [0, 1].map((first) => counted('pieces', number, first, (counter) => stem + counter));
  }
  const letters = LETTERS.exec(name);
  return letters === null ? [] : [lettered(letters[1]!, letters[2]!)];
}

function counted(
  kind: Scheme['kind'],
  digits: string,
  first: number,
  named: (digits: string) => string,
): Scheme {
  return {
    kind,
    number: Number(digits),
    first,
    nameOf: (number) => named(String(number).padStart(digits.length, '0')),
    firstNames: Array.from({ length: digits.length }, (_, width) =>
      named(String(first).padStart(width + 1, '0')),
    ),
  };
}

/** `.rar`, `.r00` to `.r99`, `.s00` and so on. */
function oldRar([, stem, rar, letter, digits]: RegExpExecArray): Scheme {
  const isUpper = /^[RS]/.test(rar ?? letter!);
  const cased = (text: string) => (isUpper ? text.toUpperCase() : text);
  const base = cased('r').charCodeAt(0);
  return {
    kind: 'rar',
    number: rar === undefined ? (letter!.charCodeAt(0) - base) * HUNDRED + Number(digits) + 1 : 0,
    first: 0,
    firstNames: [`${stem}${cased('rar')}`],
    nameOf: (number) => {
      if (number <= 0) return `${stem}${cased('rar')}`;
      const index = number - 1;
      const letterOf = String.fromCharCode(base + Math.floor(index / HUNDRED));
      return `${stem}${letterOf}${String(index % HUNDRED).padStart(2, '0')}`;
    },
  };
}

/** `.E01` to `.E99`, `.EAA` to `.EZZ`. */
function ofDisk([, stem, digits, letters]: RegExpExecArray): Scheme {
  const isUpper = stem!.endsWith('E');
  const a = (isUpper ? 'A' : 'a').charCodeAt(0);
  const lettersOf = (index: number) =>
    String.fromCharCode(a + Math.floor(index / LETTER), a + (index % LETTER));
  return {
    kind: 'ewf',
    number:
      digits === undefined
        ? (letters!.charCodeAt(0) - a) * LETTER + letters!.charCodeAt(1) - a + HUNDRED
        : Number(digits),
    first: 1,
    firstNames: [`${stem}01`],
    nameOf: (number) =>
      stem + (number < HUNDRED ? String(number).padStart(2, '0') : lettersOf(number - HUNDRED)),
  };
}

/** `aa`, `ab` and so on, as `split` has it. */
function lettered(stem: string, letters: string): Scheme {
  const a = 'a'.charCodeAt(0);
  return {
    kind: 'pieces',
    number: (letters.charCodeAt(0) - a) * LETTER + letters.charCodeAt(1) - a,
    first: 0,
    firstNames: [`${stem}aa`],
    nameOf: (number) => stem + String.fromCharCode(a + Math.floor(number / LETTER), a + (number % LETTER)),
  };
}
