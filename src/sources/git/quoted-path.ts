const SHORT: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
};
const QUOTED = /^"((?:[^"\\]|\\(?:[abfnrtv"\\]|[0-3][0-7]{2}))*)"$/;

/** A path as git writes those with odd characters: in double quotes, with the escapes of C. One that is not written so is itself. */
export function unquotedPath(text: string): string {
  const quoted = QUOTED.exec(text)?.[1];
  if (quoted === undefined) return text;
  return quoted.replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : SHORT[code]!,
  );
}
