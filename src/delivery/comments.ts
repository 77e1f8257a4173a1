/** A text with its comments blanked, so that offsets stay: what stands in them configures nothing. */
export function withoutComments(text: string): string {
  return text.replace(/[^\r\n]+/g, (line) => {
    const at = commentAt(line);
    return at < 0 ? line : line.slice(0, at) + ' '.repeat(line.length - at);
  });
}

/** Where a comment begins: `#` or `;` as the first of a line, `#` behind white space and outside quotes. */
function commentAt(line: string): number {
  const first = /^\s*[#;]/.exec(line);
  if (first !== null) return first[0].length - 1;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (character === '#' && /\s/.test(line[at - 1] ?? '')) return at;
    if (character === '"' || character === "'") {
      const end = line.indexOf(character, at + 1);
      if (end > 0) at = end;
    }
  }
  return -1;
}
