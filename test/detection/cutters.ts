export const TIME = '2026-11-24T03:14:15.926535897Z';
const ESCAPED = String.raw`\u001b[32mINFO\u001b[0m `;

/** What a tool makes of a text that it cuts: everything before the place, and everything behind it. */
interface Cutter {
  /** What undoes it. */
  readonly via: string;
  cut(head: string, tail: string): string;
}

export const LOG_CUTTERS: Readonly<Record<string, Cutter>> = {
  'a partial line of Kubernetes': {
    via: 'cut-lines',
    cut: (head, tail) =>
      `${TIME} stdout F ready\n${TIME} stdout P ${'x'.repeat(300)} ${head}\n${TIME} stdout F ${tail} and more\n`,
  },
  'a partial line of Kubernetes as long as they are': {
    via: 'cut-lines',
    cut: (head, tail) =>
      `${TIME} stderr P ${'x'.repeat(16_383 - head.length)} ${head}\n${TIME} stderr P ${tail} and\n${TIME} stderr F more\n`,
  },
  'a partial line of Kubernetes, the other stream between': {
    via: 'cut-lines',
    cut: (head, tail) =>
      `${TIME} stdout P ${head}\n${TIME} stderr F warning: ${'y'.repeat(200)}\n${TIME} stdout F ${tail}\n`,
  },
  'a partial line of Kubernetes, CRLF and a zone': {
    via: 'cut-lines',
    cut: (head, tail) =>
      `2026-11-24T03:14:15+09:00 stdout P a ${head}\r\n2026-11-24T03:14:15+09:00 stdout F ${tail}\r\n`,
  },
  'a partial line of Docker': {
    via: 'cut-lines',
    cut: (head, tail) =>
      `{"log":"${ESCAPED}${head}","stream":"stdout","time":"${TIME}"}\n{"log":"${tail} and more\\n","stream":"stdout","time":"${TIME}"}\n`,
  },
  'a partial line of Docker, the other stream between': {
    via: 'cut-lines',
    cut: (head, tail) =>
      `{"log":"${head}","stream":"stdout","time":"${TIME}"}\n{"log":"warning\\n","stream":"stderr","time":"${TIME}"}\n{"log":"${tail}\\n","stream":"stdout","time":"${TIME}"}\n`,
  },
  'a partial line of Docker with attributes': {
    via: 'cut-lines',
    cut: (head, tail) =>
      `{"log":"${head}","stream":"stdout","attrs":{"tag":"web"},"time":"${TIME}"}\n{"log":"${tail}\\n","stream":"stdout","attrs":{"tag":"web"},"time":"${TIME}"}\n`,
  },
  'a record of Fluent Bit that says so': {
    via: 'cut-lines',
    cut: (head, tail) =>
      `{"stream":"stdout","logtag":"P","log":"${head}","kubernetes":{"pod":"a"}}\n{"stream":"stdout","logtag":"F","log":"${tail}","kubernetes":{"pod":"a"}}\n`,
  },
  'a record of the journal that says so': {
    via: 'cut-lines',
    cut: (head, tail) =>
      `{"MESSAGE":"${head}","CONTAINER_PARTIAL_MESSAGE":"true","_PID":"7"}\n{"_PID":"7","MESSAGE":"${tail}"}\n`,
  },
  'output in an asciicast': {
    via: 'cut-lines',
    cut: (head, tail) => `[1.5, "o", "$ echo ${head}"]\n[1.75, "o", "${tail}\\r\\n"]\n`,
  },
  'a trace of GitLab': {
    via: 'cut-lines',
    cut: (head, tail) =>
      `2026-03-01T00:00:00.000000Z 01O TOKEN=${head}\n2026-03-01T00:00:00.000001Z 00E warning\n2026-03-01T00:00:00.000002Z 01O+${tail}\n2026-03-01T00:00:00.000003Z 01O done\n`,
  },
  'a trace of curl': {
    via: 'cut-lines',
    cut: (head, tail) => {
      const first = `Authorization: Bearer ${head}`;
      return `=> Send header, 200 bytes (0xc8)\n01f0: GET / HTTP/1.1\n0200: ${first}\n${(0x200 + first.length).toString(16).padStart(4, '0')}: ${tail}\n0300: Accept: */*\n`;
    },
  },
  'a message of syslog': {
    via: 'cut-lines',
    cut: (head, tail) => {
      const lead = `Nov 24 03:14:15 host app[42]: `;
      return `${lead}${'x'.repeat(1023 - head.length)} ${head}\n${lead}${tail} and more\n`;
    },
  },
};

/** What a shell writes at the margin of a terminal. */
export const TYPED_CUTTERS: Readonly<Record<string, Cutter>> = {
  'a line that is typed in bash': {
    via: 'folded',
    cut: (head, tail) => `\x1b[?2004h$ export ${'x'.repeat(60)}=${head} \r${tail}\r\n`,
  },
  'a line that is typed in zsh': {
    via: 'folded',
    cut: (head, tail) => `% export ${'x'.repeat(60)}=${head} \r\x1b[K${tail[0]}\r${tail}\r\n`,
  },
};

/** Of these a prefix is left whole. */
export const SECTION_CUTTERS: Readonly<Record<string, Cutter>> = {
  'a section of XML that is not parsed': {
    via: 'markup',
    cut: (head, tail) => `<a><![CDATA[if (a[b[0]]]]><![CDATA[> ${head}]]><![CDATA[${tail}]]></a>`,
  },
};

/** What a pager writes there, and what psql writes where it wraps cells. */
export const PAGED_CUTTERS: Readonly<Record<string, Cutter>> = {
  'a row of less': {
    via: 'folded',
    cut: (head, tail) =>
      `\x1b[?1049h\rexport ${'x'.repeat(60)}=${head} \b${tail} and more\r\n\x1b[7m(END)\x1b[27m`,
  },
  'a cell that psql wraps': {
    via: 'folded',
    cut: (head, tail) => ` id | token\n----+-------\n  7 | ${head}.\n    |.${tail}\n(1 row)\n`,
  },
  'a cell that psql wraps in Unicode': {
    via: 'folded',
    cut: (head, tail) => ` id │ token\n────┼──────\n  7 │ ${head}…\n    │…${tail} \n`,
  },
};

/** Of these nothing says for sure that the text goes on. */
export const LOOSE_CUTTERS: Readonly<Record<string, Cutter>> = {
  'a terminal of 80 columns': {
    via: 'folded',
    cut: (head, tail) => `${'x'.repeat(79 - head.length)} ${head}\n${tail}\n`,
  },
  'fold at any width': {
    via: 'folded',
    cut: (head, tail) =>
      `${'w'.repeat(91)}\n${'x'.repeat(90 - head.length)} ${head}\n${tail.padEnd(91, ' z')}\n`,
  },
  'a cell of a table': {
    via: 'folded',
    cut: (head, tail) =>
      `+---------+-----+${'-'.repeat(44)}+\n| alice   | yes | ${head} |\n|         |     | ${tail.padEnd(head.length)} |\n`,
  },
  'a cell of a box': {
    via: 'folded',
    cut: (head, tail) => `│ алиса │ ${head} │ yes │\n│       │ ${tail.padEnd(head.length)} │     │\n└──┘\n`,
  },
  'a quotation in a mail': {
    via: 'folded',
    cut: (head, tail) => `> ${'x'.repeat(60 - head.length)} ${head}\n> ${tail}\n`,
  },
  'a manifest of Java': {
    via: 'folded',
    cut: (head, tail) =>
      `Manifest-Version: 1.0\r\nX-Token: ${'x'.repeat(62 - head.length)} ${head}\r\n ${tail}\r\nX-Next: 1\r\n`,
  },
  LDIF: {
    via: 'folded',
    cut: (head, tail) =>
      `dn: cn=ci\ndescription: ${'x'.repeat(64 - head.length - 1)} ${head}\n ${tail}\ncn: ci\n`,
  },
  'a line that goes on twice': {
    via: 'folded',
    cut: (head, tail) =>
      `NOTE:${'x'.repeat(70)}\r\n ${'y'.repeat(73 - head.length)} ${head}\r\n ${tail}\r\nEND:VCARD\r\n`,
  },
  'a body of HTTP in chunks': {
    via: 'folded',
    cut: (head, tail) => {
      const last = `${tail} and more`;
      return `HTTP/1.1 200 OK\r\n\r\n${(head.length + 4).toString(16)}\r\nkey=${head}\r\n${last.length.toString(16)}\r\n${last}\r\n0\r\n\r\n`;
    },
  },
};

export const MARKUP_CUTTERS: Readonly<Record<string, Cutter>> = {
  Word: {
    via: 'markup',
    cut: (head, tail) =>
      `<w:p><w:r><w:t>${head}</w:t></w:r><w:proofErr w:type="spellEnd"/><w:r w:rsidR="00A1"><w:rPr><w:rFonts w:ascii="Consolas"/><w:color w:val="FF0000"/></w:rPr><w:t xml:space="preserve">${tail} and more</w:t></w:r></w:p>`,
  },
  Excel: {
    via: 'markup',
    cut: (head, tail) =>
      `<si><r><t>${head}</t></r><r><rPr><b/><sz val="11"/><rFont val="Calibri"/></rPr><t xml:space="preserve">${tail}</t></r></si>`,
  },
  PowerPoint: {
    via: 'markup',
    cut: (head, tail) =>
      `<a:p><a:r><a:rPr lang="en-US"/><a:t>${head}</a:t></a:r><a:r><a:rPr lang="en-US" b="1"><a:solidFill><a:srgbClr val="FF0000"/></a:solidFill></a:rPr><a:t>${tail}</a:t></a:r></a:p>`,
  },
  OpenDocument: {
    via: 'markup',
    cut: (head, tail) =>
      `<text:p text:style-name="P1">${head}<text:soft-page-break/><text:span text:style-name="T1">${tail}</text:span></text:p>`,
  },
  RTF: {
    via: 'rtf',
    cut: (head, tail) =>
      `{\\rtf1 \\pard {\\rtlch\\fcs1 \\af0 \\ltrch\\fcs0 \\insrsid1 ${head}}{\\rtlch\\fcs1 \\af0 \\ltrch\\fcs0 \\b\\cf6\\insrsid22 \r\n${tail}}{\\*\\bkmkend a}\\par }`,
  },
  'bytes in a row, as Python shows them': {
    via: 'adjacency',
    cut: (head, tail) => `{'a': b'Authorization: Bearer ${head}'\n      b'${tail}'}`,
  },
  'highlighted HTML': {
    via: 'markup',
    cut: (head, tail) =>
      `<span class="n">${head}</span><!-- a > b --><span class="o" title="a > b" data-x='1'>${tail}</span>`,
  },
  'an element that a page defines': {
    via: 'markup',
    cut: (head, tail) => `<p>${head}<x-mark style="color: red">${tail}</x-mark></p>`,
  },
};
