/** Bytes on the way: a file that is there, as a word of the shell, or what a command prints. */
export type Bytes = { readonly file: string } | { readonly command: string };

/** A command that prints the bytes. */
export function printed(bytes: Bytes): string {
  return 'command' in bytes ? bytes.command : `cat ${bytes.file}`;
}

/** A command that reads the bytes on its standard input. */
export function piped(bytes: Bytes, command: string): string {
  if ('command' in bytes) return `${bytes.command} | ${command}`;
  const [first, ...rest] = command.split(' | ');
  return [`${first} < ${bytes.file}`, ...rest].join(' | ');
}
