/** `text` with `line` at its end, on a line of its own. */
export function withLine(text: string, line: string): string {
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  return `${text}${gap}${line}\n`;
}

/**
 * Where a section of an INI file lies: `start` behind its header line, `end` where the next header begins.
 * `undefined` when there is none of this header.
 */
export function sectionOf(text: string, header: string): { start: number; end: number } | undefined {
  const headers = [...text.matchAll(/^[ \t]*(\[[^\n]*\])[ \t]*(?:[#;][^\n]*)?\r?(?:\n|$)/gm)];
  const index = headers.findIndex(([, name]) => name!.replace(/[ \t]/g, '') === header);
  const found = headers[index];
  if (found === undefined) return undefined;
  return { start: found.index + found[0].length, end: headers[index + 1]?.index ?? text.length };
}

/** `text` with `line` put in at `at`, which is the beginning of a line or the end of the text. */
export function insertLine(text: string, at: number, line: string): string {
  const before = text.slice(0, at);
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  return `${before}${gap}${line}\n${text.slice(at)}`;
}
