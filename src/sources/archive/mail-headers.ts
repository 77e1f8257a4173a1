/** Words of a header that are encoded (RFC 2047, 2), and what parts two of them. */
const WORD = /=\?[^?\s]+\?([BbQq])\?([^?\s]*)\?=(?:\s+(?==\?[^?\s]+\?[BbQq]\?))?/g;
/** A piece of a value that is divided (RFC 2231, 3): the first one ends the name of the value, the others go on. */
const PIECE = /;?\s*[\w-]+\*(\d{1,3})(\*?)=(?:"([^"]*)"|([^\s;]*))/g;

/**
 * What headers say for a reader, where they do not say it plainly: words that are encoded, and names of files that are
 * divided. `undefined` where they do.
 * @param headers latin1
 */
export function decodedHeaders(headers: string): Buffer | undefined {
  const text = headers
    .replace(WORD, (_, how: string, word: string) => (/b/i.test(how) ? fromBase64(word) : fromQuoted(word)))
    .replace(PIECE, (_, index: string, isEncoded: string, quoted?: string, plain?: string) => {
      const piece = quoted ?? plain ?? '';
      return `${Number(index) === 0 ? '\n' : ''}${isEncoded === '' ? piece : fromPercent(piece)}`;
    });
  return text === headers ? undefined : Buffer.from(text, 'latin1');
}

function fromBase64(word: string): string {
  return Buffer.from(word, 'base64').toString('latin1');
}

function fromQuoted(word: string): string {
  return word.replaceAll('_', ' ').replace(/=([0-9A-Fa-f]{2})/g, (_, digits: string) => byte(digits));
}

function fromPercent(piece: string): string {
  return piece.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => byte(digits));
}

function byte(digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16));
}
