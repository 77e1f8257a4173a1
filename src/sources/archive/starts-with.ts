/** Whether the bytes begin with a text of one character a byte. */
export function startsWith(head: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (head[i] !== text.charCodeAt(i)) return false;
  return true;
}

export function isAt(head: Uint8Array, at: number, text: string): boolean {
  return startsWith(head.subarray(at, at + text.length), text);
}
