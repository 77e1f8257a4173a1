/** Whether the bytes begin with a text of one character per byte. */
export function startsWith(head: Uint8Array, text: string): boolean {
  return isAt(head, 0, text);
}

/** Whether such a text stands at a place of them. No view is made: every file of a tree is asked dozens of times. */
export function isAt(head: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (head[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
