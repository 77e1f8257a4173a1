/**
 * Words that people fill fields with where a token should stand; the UUID and the key of the examples in manuals, digests of
 * nothing (MD5, SHA-1, SHA-256), and a number that everybody knows.
 */
const FILLERS = (
  'a abc abcd above access amet an and api asdf auth baadf00d babe bad badcafe bar baz beef below brown c0ffee cafe cafebabe change company ' +
  'dead deadbeef deadc0de default demo do does dog dolor dont dummy enter example expired face fake false feedface fill flatt f00d foo foobar ' +
  'for fox from get go goes guard hash hello here hidden hunter id in insert invalid ipsum is it jumps key lazy lorem masked me my name ' +
  'never no none not null of only or org our over own password paste personal place placeholder please private public put quick qux ' +
  'quux random real redacted removed replace safe sample secret set should sit some something string super takumi test ' +
  'testing that the this to todo token tokens true undefined use user valid value very with world wrong x xxx xyz you your ' +
  '550e8400-e29b-41d4-a716-446655440000 550e8400e29b41d4a716446655440000 akiaiosfodnn7example 31415926535897932384626433832795 ' +
  'd41d8cd98f00b204e9800998ecf8427e da39a3ee5e6b4b0d3255bfef95601890afd80709 ' +
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
).split(' ');

/** What was read of a word, as a place in the tree of all. */
interface Node {
  readonly next: Map<number, Node>;
  /** Words that begin like this, and how many of them end here. */
  words: number;
  ends: number;
}

const ROOT: Node = { next: new Map(), words: 0, ends: 0 };
for (const word of FILLERS) {
  let node = ROOT;
  node.words += 1;
  for (let at = 0; at < word.length; at++) {
    const code = word.charCodeAt(at);
    const child = node.next.get(code) ?? { next: new Map<number, Node>(), words: 0, ends: 0 };
    node.next.set(code, child);
    child.words += 1;
    node = child;
  }
  node.ends += 1;
}

/** Digits that stand for letters, within a word. */
const LEET = new Map([...'01345789'].map((digit, at) => [digit.charCodeAt(0), 'oleastbg'.charCodeAt(at)]));
/** The likelihoods that a word begins, is joined to the next, and is followed by a number. */
const BEGINS = 0.8;
const JOINS = 0.1;
const NUMBERED = 0.1;

/** Expects the words of placeholders, in any case, joined or not, with numbers behind them. */
export class Fillers {
  #node = ROOT;
  #upper = false;

  begin(): void {
    this.#node = ROOT;
    this.#upper = false;
  }

  likelihood(code: number): number {
    const node = this.#node;
    const ended = node === ROOT ? 1 : node.ends / node.words;
    let likely = ended * (isDigit(code) ? NUMBERED / 10 : isJoint(code) ? JOINS / 2 : 0);
    if (isLetter(code)) {
      const lower = code | 0x20;
      const within = node === ROOT ? 0 : share(node, lower) * this.#sameCase(code, 0.9) * 0.9;
      likely += within + ended * BEGINS * share(ROOT, lower) * this.#sameCase(code, 0.6);
    } else if (node !== ROOT) {
      likely += Math.max(share(node, code) * 0.9, share(node, LEET.get(code) ?? 0) * 0.1);
    } else likely += BEGINS * share(ROOT, code);
    return 0.9 * likely + 0.1 / 64;
  }

  learn(code: number): void {
    const node = this.#node;
    const lower = isLetter(code) ? code | 0x20 : code;
    if (isLetter(code)) this.#upper = code !== lower;
    const leet = node === ROOT ? undefined : node.next.get(LEET.get(code) ?? 0);
    this.#node = node.next.get(lower) ?? leet ?? ROOT.next.get(lower) ?? ROOT;
  }

  #sameCase(code: number, likelihood: number): number {
    const isUpper = (code & 0x20) === 0;
    return isUpper === this.#upper ? likelihood : 1 - likelihood;
  }
}

/** Of the words that begin so far, the share that goes on with a character. */
function share(node: Node, code: number): number {
  return (node.next.get(code)?.words ?? 0) / node.words;
}

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 97 && lower <= 122;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isJoint(code: number): boolean {
  return code === 0x5f || code === 0x2d;
}
