/**
 * The values of a git configuration file by `section.subsection.key` (section and key in lower case). It is read to
 * know how the objects are stored, and for nothing else: no include is followed and no value is run.
 */
export function parseConfig(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let section = '';
  for (const line of text.replace(/\\\r?\n/g, '').split(/\r?\n/)) {
    const header = /^\s*\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]\s*(.*)$/.exec(line);
    if (header !== null) {
      section = header[1]!.toLowerCase();
      if (header[2] !== undefined) section += `.${header[2].replace(/\\(.)/g, '$1')}`;
    }
    const rest = (header?.[3] ?? line).trim();
    const key = /^[A-Za-z][A-Za-z0-9-]*/.exec(rest)?.[0];
    const value = key === undefined ? '' : rest.slice(key.length).trimStart();
    if (key !== undefined && (value === '' || value.startsWith('='))) {
      values.set(`${section}.${key.toLowerCase()}`, value === '' ? 'true' : unquote(value.slice(1).trim()));
    }
  }
  return values;
}

function unquote(value: string): string {
  const comment = value.search(/\s[#;]/);
  return (comment < 0 ? value : value.slice(0, comment).trimEnd()).replaceAll('"', '');
}
