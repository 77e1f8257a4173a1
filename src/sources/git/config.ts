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
    const setting = /^\s*([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*?))?\s*$/.exec(header?.[3] ?? line);
    if (setting !== null) {
      values.set(`${section}.${setting[1]!.toLowerCase()}`, unquote(setting[2] ?? 'true'));
    }
  }
  return values;
}

function unquote(value: string): string {
  return value.replace(/\s+[#;].*$/, '').replace(/"/g, '');
}
