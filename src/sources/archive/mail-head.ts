/** As many bytes as tell a mail. */
export const MAIL_HEAD = 16 * 1024;

/** What the first lines of a mail or a mailbox are called; what else must be there is looked for further on. */
const MAIL =
  /^(?:From |(?:Return-Path|Received|Delivered-To|From|To|Cc|Subject|Date|Message-ID|MIME-Version|Content-Type|Reply-To|X-[A-Za-z-]+|ARC-[A-Za-z-]+|DKIM-Signature|Authentication-Results|Envelope-To|Sender|Organization|User-Agent|Content-Transfer-Encoding):)/i;

/** Whether it begins as a mail does. */
export function mayBeMail(head: Uint8Array): boolean {
  let end = 0;
  while (isLetterOrDash(head[end]!)) end++;
  // Every name of a header ends in a colon; "From " begins a mailbox.
  if (end < 2 || (head[end] !== 0x3a && head[end] !== 0x20)) return false;
  return MAIL.test(Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 40)).toString('latin1'));
}

function isLetterOrDash(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2d;
}

/** Whether there is anything in a mail that must be decoded to be read. */
export function isMail(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, MAIL_HEAD)).toString('latin1');
  return /^(?:MIME-Version:|Content-Type:\s*multipart\/|Content-Transfer-Encoding:)/im.test(text);
}
