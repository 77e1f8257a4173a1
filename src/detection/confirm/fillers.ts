/** Words that people fill fields with, and that no model of spelling knows. */
const FILLERS = ['deadbeef', 'cafebabe', 'feedface', 'badcafe', 'c0ffee', 'foobar', 'asdf', 'x'];

/** So many letters of a filler are a sign of it. */
const SIGN = 3;

/** The beginnings of fillers, and where each character leads from one: to the longest beginning that ends there. */
const STARTS = ['', ...new Set(FILLERS.flatMap((word) => [...word].map((_, at) => word.slice(0, at + 1))))];
const CHARACTERS = [...new Set(FILLERS.join(''))];
const NEXT = STARTS.map((start) => {
  const row = new Uint8Array(256);
  for (const character of CHARACTERS) {
    const to = longestStart(start + character);
    row[character.charCodeAt(0)] = to;
    row[character.toUpperCase().charCodeAt(0)] = to;
  }
  return row;
});
/** What each beginning that is a sign goes on with; 0 for the others. */
const EXPECTED = Uint8Array.from(STARTS, (_, state) => {
  const start = signOf(STARTS[state]!);
  const word = FILLERS.find((each) => each.length > start.length && each.startsWith(start));
  return start.length < SIGN ? 0 : word!.charCodeAt(start.length);
});
const FIRST = new Set(FILLERS.map((word) => word.charCodeAt(0)));

/** Expects a filler to go on, or another to begin behind it. */
export class Fillers {
  #state = 0;

  begin(): void {
    this.#state = 0;
  }

  likelihood(code: number): number {
    const guess = EXPECTED[this.#state]!;
    if (guess === 0) return FIRST.has(code) ? 0.9 / 8 : 0.1 / 64;
    const isUpper = code >= 65 && code <= 90;
    const rest = 0.1 / 64;
    return ((isUpper ? code | 32 : code) === guess ? 0.9 + rest : rest) * (isUpper ? 0.1 : 0.9);
  }

  learn(code: number): void {
    this.#state = NEXT[this.#state]![code]!;
  }
}

function longestStart(text: string): number {
  for (let from = 0; from < text.length; from++) {
    const state = STARTS.indexOf(text.slice(from));
    if (state !== -1) return state;
  }
  return 0;
}

/** The longest proper beginning of a filler that a text ends with. */
function signOf(text: string): string {
  for (let from = 0; from < text.length; from++) {
    const end = text.slice(from);
    if (FILLERS.some((word) => word.length > end.length && word.startsWith(end))) return end;
  }
  return '';
}
