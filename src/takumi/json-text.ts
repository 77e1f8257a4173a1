/**
 * The value of a JSON text. One object that names a field twice is refused: `JSON.parse` takes the last value, another
 * reader the first, and of “active, no, inactive” none may be believed.
 *
 * @returns `undefined` for what is no JSON in UTF-8, or says a thing twice.
 */
export function parseJson(body: Uint8Array): { readonly value: unknown } | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const value: unknown = JSON.parse(text);
    return countNames(value) === namesWritten(text) ? { value } : undefined;
  } catch {}
  return undefined;
}

function countNames(root: unknown): number {
  let names = 0;
  const waiting = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    const inner: unknown[] = Object.values(value);
    if (!Array.isArray(value)) names += inner.length;
    for (const each of inner) waiting.push(each);
  }
  return names;
}

/** Quotation marks stand around strings alone, and a colon behind a string makes it a name. */
function namesWritten(text: string): number {
  let names = 0;
  for (const [, colon] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g)) if (colon !== undefined) names++;
  return names;
}
