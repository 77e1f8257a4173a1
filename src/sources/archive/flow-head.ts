/** Whether it begins as what mitmproxy saved does (tnetstrings): a length, and the first key of a flow and its length. */
export function isFlow(head: Uint8Array): boolean {
  if (head[0]! < 0x31 || head[0]! > 0x39) return false;
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 40)).toString('latin1');
  return /^\d{2,9}:\d{1,2}:[a-z_]{2,20};/.test(text);
}
