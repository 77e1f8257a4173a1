import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { lzString } from '../../fixtures/archives/lz-string-builder.js';
import { lz4 } from '../../fixtures/archives/lz4-builder.js';
import { bzip2, xz } from '../../fixtures/archives/seven-zip.js';
import { zstd } from '../../fixtures/archives/zstd-encoder.js';
import type { Provenance } from '../../src/model/provenance.js';
import { DIGITS85 } from '../../src/sources/archive/base85.js';
import { following } from '../support/following.js';
import { commit, git, repository } from '../support/git.js';
import { folder, guardsweep } from '../support/program.js';
import { fingerprintOf, reportOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64');
const gzip = (text: string) => gzipSync(text);
const lines = (text: string, width: number, end: string) =>
  text.replace(new RegExp(`.{${width}}(?=.)`, 'g'), `$&${end}`);

/** gzip as `gzip FILE` writes it: with the time and the name. */
function named(text: string): Buffer {
  const plain = gzipSync(text);
  plain.writeUInt32LE(1_700_000_123, 4);
  plain[3] = 8;
  return Buffer.concat([plain.subarray(0, 10), Buffer.from('release.json\0'), plain.subarray(10)]);
}

function uuencoded(text: string): string {
  const lines = text.match(/.{1,45}/gs)!.map((line) => {
    const bytes = Buffer.from(line);
    const groups = [...base64(bytes).replaceAll('=', 'A')].map((digit) => {
      const value = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(digit);
      return value === 0 ? '`' : String.fromCharCode(32 + value);
    });
    return String.fromCharCode(32 + bytes.length) + groups.join('');
  });
  return `begin 644 notes.json\n${lines.join('\n')}\n\`\nend\n`;
}

const pairs = (bytes: Buffer) => bytes.toString('hex').match(/../g)!;

/** As Python shows bytes. */
function shown(bytes: Buffer): string {
  const text = [...bytes].map((byte) => {
    const one = String.fromCharCode(byte);
    if (/[\\']/.test(one)) return `\\${one}`;
    return /[ -~]/.test(one) ? one : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `b'${text.join('')}'`;
}

/** Lines of 16 bytes in groups, behind offsets. */
function dumped(bytes: Buffer, gap: string, group: number, behind: string, isSwapped = false): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const groups = row.toString('hex').match(new RegExp(`.{1,${2 * group}}`, 'g'))!;
    const ordered = isSwapped ? groups.map((one) => one.slice(2) + one.slice(0, 2)) : groups;
    text += at.toString(16).padStart(8, '0') + gap + ordered.join(' ') + behind;
  }
  return text;
}

function base85(bytes: Buffer, family: keyof typeof DIGITS85): string {
  const whole = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  let text = '';
  for (let at = 0; at < whole.length; at += 4)
    for (let place = 4; place >= 0; place--)
      text += DIGITS85[family][Math.floor(whole.readUInt32BE(at) / 85 ** place) % 85];
  return text;
}

/** As `mysqldump` writes bytes of a column. */
function inSql(bytes: Buffer, before: string): Buffer {
  const names: Record<string, string> = { '\0': '0', '\n': 'n', '\r': 'r', '\x1a': 'Z' };
  const text = bytes.toString('latin1').replace(/[\0\n\r\x1a'"\\]/g, (one) => `\\${names[one] ?? one}`);
  return Buffer.from(`INSERT INTO \`t\` VALUES (1${before}'${text}','next');\n`, 'latin1');
}

/** How what is packed gets into texts. */
const WRITINGS: Record<string, (text: string) => string | Buffer> = {
  'a Helm release': (text) => `data:\n  release: ${base64(base64(gzip(text)))}\nkind: Secret\n`,
  'a Helm release in a dump of secrets, in base64': (text) => base64(`- x: ${base64(base64(gzip(text)))}`),
  'gzip in base64': (text) => `x: "${base64(gzip(text))}"\n`,
  'gzip of a file in base64': (text) => `x=${base64(named(text))};`,
  'gzip in base64, URL-safe': (text) => `GET /?d=${gzip(text).toString('base64url')}&e HTTP/1.1\n`,
  'gzip in base64 in a URL': (text) => `GET /?d=${encodeURIComponent(base64(gzip(text)))}&e HTTP/1.1\n`,
  'user data of cloud-init': (text) =>
    `write_files:\n- encoding: gz+b64\n  content: |\n    ${lines(base64(gzip(text)), 76, '\n    ')}\n  path: /x\n`,
  'wrapped with CRLF': (text) => `x\r\n${lines(base64(gzip(text)), 64, '\r\n')}\r\n`,
  'lines in a string of JSON': (text) => JSON.stringify({ a: lines(base64(gzip(text)), 76, '\n') }),
  'JSON of PHP': (text) => JSON.stringify({ a: base64(gzip(text)) }).replaceAll('/', '\\/'),
  'JSON of Go': (text) =>
    `{"a":"${base64(gzip(text)).replaceAll('+', '\\u002b').replaceAll('=', '\\u003d')}"}`,
  'strings that are joined': (text) => `const x = "${lines(base64(gzip(text)), 76, '" +\n  "')}";`,
  'JSON in base64': (text) => base64(`{"p":"${base64(gzip(text))}"}`),
  'JSON in base64, shifted': (text) => base64(`{"pp":"${base64(gzip(text))}"}`),
  'JSON in base64, shifted again': (text) => base64(`{"ppp":"${base64(gzip(text))}"}`),
  'JSON in base64, in lines': (text) => lines(base64(`{"plan":"${base64(gzip(text))}"}`), 76, '\n'),
  'UTF-16': (text) => Buffer.from(`\ufeff$x = "${base64(gzip(text))}"`, 'utf16le'),
  'an encoded command': (text) =>
    `powershell -enc ${Buffer.from(`IEX("${base64(gzip(text))}")`, 'utf16le').toString('base64')}`,
  'gzip in gzip': (text) => `y ${base64(gzip(`z: ${base64(gzip(text))}`))}`,
  'the second line of a list': (text) =>
    `${base64(gzip('nothing at all in here, but it is long enough'))}\n${base64(gzip(text))}\n`,
  'digits of gzip in SQL': (text) => `INSERT INTO t VALUES ('\\x${gzip(text).toString('hex')}');`,
  'digits of zlib in SQL': (text) => `VALUES (0x${deflateSync(text).toString('hex').toUpperCase()});`,
  'a session cookie of Django': (text) => `session=.${deflateSync(text).toString('base64url')}:1x; path=/\n`,
  'a diagram of Mermaid': (text) =>
    `https://mermaid.live/edit#pako:${deflateSync(text).toString('base64url')}`,
  'Python that unpacks itself': (text) =>
    `exec(zlib.decompress(base64.b64decode(b'${base64(deflateSync(text, { level: 9 }))}')))`,
  'zlib, packed fast, in a string of JSON': (text) =>
    JSON.stringify({ a: `x\n${lines(base64(deflateSync(text, { level: 1 })), 76, '\n')}` }),
  'a uuencoded file in a text': (text) => `see below\n\n${uuencoded(text)}and more\n`,
  'a request of SAML': (text) =>
    `GET /sso?SAMLRequest=${encodeURIComponent(base64(deflateRawSync(text)))}&RelayState=x\n`,
  'a diagram of draw.io': (text) =>
    `<diagram id="x">${base64(deflateRawSync(encodeURIComponent(text)))}</diagram>`,
  'a diagram of draw.io in SVG': (text) =>
    `<svg content="${drawn(text).replace(/[<>"]/g, inHtml)}"><g/></svg>`,
  'a diagram of draw.io in HTML': (text) =>
    `<div data-mxgraph="${JSON.stringify({ xml: drawn(text) }).replace(/[<>"]/g, inHtml)}"></div>`,
  'a diagram of draw.io in a link': (text) =>
    `https://app.diagrams.net/?title=x#R${encodeURIComponent(drawn(text))}`,
  'a diagram of draw.io in a link, alone': (text) =>
    `https://viewer.diagrams.net/?tags=%7B%7D#R${encodeURIComponent(base64(deflateRawSync(encodeURIComponent(text))))}`,
  'a diagram of draw.io in JSON of Go': (text) =>
    `{"body":"${drawn(text).replace(/"/g, '\\"').replace(/</g, '\\u003c').replace(/>/g, '\\u003e')}"}`,
  'a link to PlantUML': (text) => `![x](https://www.plantuml.com/plantuml/svg/${inPlantuml(text)})`,
  'a picture of PlantUML': (text) => `<svg><g><!--SRC=[${inPlantuml(text)}]--></g></svg>`,
  'a signed message of JOSE': (text) =>
    `${Buffer.from('{"zip":"DEF","alg":"ES256"}').toString('base64url')}.${deflateRawSync(text).toString('base64url')}.c2ln`,
  'a signed message of JOSE, its header in another order': (text) =>
    `${Buffer.from('{"alg": "ES256", "zip": "DEF"}').toString('base64url')}.${deflateRawSync(text).toString('base64url')}.c2ln`,
  'an answer in DEFLATE in a capture of a browser (HAR)': (text) =>
    JSON.stringify({
      headers: [{ name: 'content-encoding', value: 'deflate' }],
      content: { text: base64(deflateRawSync(text)), encoding: 'base64' },
    }),
  'Python that inflates without a header': (text) =>
    `zlib.decompress(base64.b64decode('${base64(deflateRawSync(text))}'), -15)`,
  'JavaScript that inflates without a header': (text) =>
    `zlib.inflateRawSync(Buffer.from('${base64(deflateRawSync(text))}', 'base64'))`,
  'a picture of Excalidraw (SVG)': (text) =>
    `<svg><!-- payload-start -->${Buffer.from(scene(text), 'latin1').toString('base64')}<!-- payload-end --></svg>`,
  'a picture of Excalidraw (the text of a PNG)': (text) => Buffer.from(scene(text), 'latin1'),
  'bytes as characters in JSON': (text) => JSON.stringify({ events: [deflateSync(text).toString('latin1')] }),
  'bytes as characters in JSON of Python': (text) =>
    JSON.stringify({ a: gzip(text).toString('latin1') }).replace(/[\x80-\xff]/g, inUnicode),
  'gzip as characters in JSON': (text) => JSON.stringify({ a: gzip(text).toString('latin1') }),
  'a playground of TypeScript': (text) =>
    `https://www.typescriptlang.org/play?ts=5.4.5#code/${lzString(text).toString('base64').replace(/=+$/, '').replaceAll('/', '-')})`,
  'a drawing of Excalidraw in a note of Obsidian': (text) =>
    `\`\`\`compressed-json\n${lines(base64(lzString(text)), 256, '\n\n')}\n\`\`\`\n%%`,
  'a sandbox of CodeSandbox': (text) =>
    `<input type="hidden" name="parameters" value="${lzString(text).toString('base64url')}">`,
  'bytes as Python shows them': (text) => `data = ${shown(gzip(text))}\n`,
  'zlib as Python shows it': (text) => `data = ${shown(deflateSync(text))}\n`,
  'bytes as Python shows them, in JSON': (text) => JSON.stringify({ body: shown(gzip(text)) }),
  'a list of numbers': (text) => JSON.stringify([...gzip(text)]),
  'a Buffer in JSON, indented': (text) => JSON.stringify({ a: gzip(text) }, null, 2),
  'signed bytes of Java': (text) => `[${new Int8Array(gzip(text)).join(', ')}]`,
  'an array of C': (text) => `{\n  ${lines(`0x${pairs(gzip(text)).join(', 0x')}`, 72, '\n  ')}\n};`,
  'a script that prints it': (text) => `printf '\\x${pairs(gzip(text)).join('\\x')}' | gunzip`,
  xxd: (text) => dumped(gzip(text), ': ', 2, '  x y.z 1f\n'),
  'hexdump -C': (text) => dumped(gzip(text), '  ', 1, '  |x y.z 1f|\n'),
  'digits with colons': (text) => pairs(gzip(text)).join(':'),
  'words of hexdump': (text) => dumped(Buffer.concat([gzip(text), Buffer.alloc(1)]), ' ', 2, '\n', true),
  'base85 of Python': (text) => `x = b'${base85(named(text), 'base85')}'`,
  'base85 of Python that unpacks itself': (text) =>
    `zlib.decompress(base64.b85decode("${base85(deflateSync(text), 'base85')}"))`,
  'Ascii85 of Python': (text) =>
    `zlib.decompress(base64.a85decode(b'${base85(deflateSync(text), 'ascii85').replace(/[\\']/g, '\\$&')}'))`,
  'Ascii85 of PostScript': (text) => `<~${lines(base85(named(text), 'ascii85'), 76, '\n')}~>`,
  'an answer in a capture of a browser (HAR)': (text) =>
    JSON.stringify(
      {
        headers: [
          { name: 'content-encoding', value: 'br' },
          { name: 'x-csp', value: 'y'.repeat(900) },
        ],
        content: { mimeType: 'x', text: base64(brotliCompressSync(text)), encoding: 'base64' },
      },
      null,
      2,
    ),
  'an answer of an API gateway': (text) =>
    JSON.stringify({
      headers: { 'content-encoding': 'br', vary: '*' },
      body: base64(brotliCompressSync(text)),
      isBase64Encoded: true,
    }),
  'a dump of MySQL, gzip': (text) => inSql(gzip(text), ',_binary '),
  'a dump of MySQL, zlib': (text) => inSql(deflateSync(text), ',_binary '),
  'a dump of MySQL that does not tell of bytes': (text) => inSql(gzip(text), ','),
  'PowerShell that unpacks itself': (text) =>
    `[IO.Compression.DeflateStream]::new([IO.MemoryStream][Convert]::FromBase64String('${base64(deflateRawSync(text))}'),`,
  'PHP that unpacks itself': (text) => `eval(gzinflate(base64_decode('${base64(deflateRawSync(text))}')));`,
};

function drawn(text: string): string {
  return `<mxfile host="x"><diagram id="a" name="Page-1">${base64(deflateRawSync(encodeURIComponent(text)))}</diagram></mxfile>`;
}

/** What Excalidraw puts into pictures that can be edited again: a character a byte. */
function scene(text: string): string {
  const encoded = deflateSync(text).toString('latin1');
  return JSON.stringify({ version: '1', encoding: 'bstring', compressed: true, encoded });
}

function inUnicode(character: string): string {
  return `\\u00${character.charCodeAt(0).toString(16)}`;
}

function inHtml(character: string): string {
  return `&#${character.charCodeAt(0)};`
    .replace('&#60;', '&lt;')
    .replace('&#62;', '&gt;')
    .replace('&#34;', '&quot;');
}

/** The digits of base64 in another order, as plantuml.com/text-encoding says. */
function inPlantuml(text: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const order = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_';
  return base64(deflateRawSync(text))
    .replace(/=+$/, '')
    .replace(/./g, (digit) => order[digits.indexOf(digit)]!);
}

const FILLER = 'a line of a log in which there is nothing to see\n';

/** Each of them, a byte further on each time: literals are looked for in words of four bytes. */
const cases = Object.entries(WRITINGS).flatMap(([name, write], index) =>
  [0, 1, 2, 3].map((shift) => {
    const token = orgToken(`written ${name} ${shift}`, 40);
    const text = `{"name":"app","token":"${token}","notes":"${orgToken(`noise ${name}`, 300).slice(7)}"}`;
    const content = write(text);
    const before = '#'.repeat(shift) + (shift > 0 ? '\n' : '');
    const whole = typeof content === 'string' ? Buffer.from(before + content) : content;
    return { name: `${index}-${shift}`, title: name, token, content: whole };
  }),
);

async function missed(args: string[], stdin?: Buffer): Promise<string[]> {
  const ended = await guardsweep(['scan', '--format', 'json', ...args], stdin === undefined ? {} : { stdin });
  const report = reportOf(ended);
  expect(report.coverage.unscanned).toEqual([]);
  const found = new Set(report.findings.map(({ fingerprint }) => fingerprint));
  return cases.filter(({ token }) => !found.has(fingerprintOf(token))).map(({ title }) => title);
}

describe('what is packed and then written as text is opened', () => {
  test('in files', async () => {
    const path = folder();
    for (const { name, content } of cases) writeFileSync(join(path, name), content);
    expect(await missed([path])).toEqual([]);
  });

  test('in deleted blobs', async () => {
    const path = repository();
    commit(path, Object.fromEntries(cases.map(({ name, content }) => [name, content])));
    commit(path, Object.fromEntries(cases.map(({ name }) => [name, 'gone\n'])));
    expect(await missed([path])).toEqual([]);
  });

  test('in packed blobs that are nothing else, whatever the blobs before them end in', async () => {
    const path = repository();
    const alone = cases.slice(0, 12).map(({ name, token }, index) => {
      const packed = base64(deflateSync(`${'x'.repeat(index)} ${token}`));
      return [`alone ${name}`, packed.replace(/=+$/, '')] as const;
    });
    commit(path, Object.fromEntries(alone));
    commit(path, Object.fromEntries(alone.map(([name]) => [name, 'gone'])));
    git(path, 'gc', '--quiet', '--prune=now');
    const missing = await missed([path]);
    expect(missing).toEqual(cases.slice(12).map(({ title }) => title));
  });

  test('in what is piped in, across the edges of pieces', async () => {
    const all = cases.flatMap(({ content }, index) => [
      Buffer.alloc(40_000 + 7 * index, FILLER),
      Buffer.from('\n'),
      content,
      Buffer.from('\n'),
    ]);
    expect(await missed(['-'], Buffer.concat(all))).toEqual([]);
  });

  test('in members of archives', async () => {
    const path = join(folder(), 'logs.gz');
    const all = cases.flatMap(({ content }) => [Buffer.alloc(5_000, FILLER), Buffer.from('\n'), content]);
    writeFileSync(path, gzipSync(Buffer.concat(all)));
    expect(await missed([path])).toEqual([]);
  });

  test('in a long log that threads divide, where their parts meet', async () => {
    const path = join(folder(), 'app.log');
    const log = Buffer.alloc(144 * 1024 * 1024, FILLER);
    const token = orgToken('written at an edge', 40);
    const release = Buffer.from(
      `\n${base64(base64(gzip(`${orgToken('edge noise', 30_000).slice(7)} ${token}`)))}\n`,
    );
    // Parts end at multiples of 4096: a place of which nobody can tell whose it is.
    const step = 20_480 * 3;
    for (let at = log.length / 4; at < log.length - release.length; at += step) release.copy(log, at);
    writeFileSync(path, log);
    const ended = await guardsweep(['scan', '--format', 'json', '--threads', '2', path]);
    const { findings } = reportOf(ended);
    const expected = Math.ceil((log.length * 0.75 - release.length) / step);
    expect(findings.map(({ fingerprint }) => fingerprint)).toEqual([fingerprintOf(token)]);
    expect(findings[0]!.sightings_total ?? findings[0]!.sightings.length).toBe(expected);
  }, 60_000);
});

test('what stands behind the end of it, in lines that could go on with it, is no damage', async () => {
  const path = folder();
  const tokens: string[] = [];
  for (const [name, pack] of Object.entries({ zstd, xz, bzip2, lz4, gzip })) {
    for (let length = 0; length < 3; length++) {
      const token = orgToken(`written, followed ${name} ${length}`, 40);
      tokens.push(token);
      const packed = base64(await pack(`${'#'.repeat(length)} key: "${token}"\n`)).replace(/=+$/, '');
      writeFileSync(join(path, `${name}-${length}.ts`), `Buffer.from(\n  '${packed}',\n  'base64',\n);\n`);
      writeFileSync(join(path, `${name}-${length}.log`), `data ${packed}\nINFO something else\n`);
    }
  }
  const { findings, coverage } = reportOf(await guardsweep(['scan', '--format', 'json', path]));
  expect(coverage.unscanned).toEqual([]);
  const found = new Set(findings.map(({ fingerprint }) => fingerprint));
  expect(tokens.filter((token) => !found.has(fingerprintOf(token)))).toEqual([]);
}, 60_000);

test('messages as proxies save them are opened where their bodies are packed', async () => {
  const path = folder();
  const tokens = ['1.1', '2', '2.0'].flatMap((version) =>
    Object.entries({ gzip: gzipSync, br: brotliCompressSync }).map(([encoding, pack]) => {
      const token = orgToken(`saved ${version} ${encoding}`, 40);
      const head = `HTTP/${version} 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: ${encoding}\r\n\r\n`;
      const message = Buffer.concat([Buffer.from(head), pack(`key=${token}\n`)]);
      writeFileSync(
        join(path, `${version} ${encoding}.xml`),
        `<response base64="true"><![CDATA[${base64(message)}]]></response>\n`,
      );
      return token;
    }),
  );
  const { findings, coverage } = reportOf(await guardsweep(['scan', '--format', 'json', path]));
  expect(coverage.unscanned).toEqual([]);
  expect(findings.map(({ fingerprint }) => fingerprint).sort()).toEqual(tokens.map(fingerprintOf).sort());
});

test('what a binary patch of git brings and takes away is read, whole or as a delta', async () => {
  const path = repository();
  const [gone, added] = [orgToken('patched away', 40), orgToken('patched in', 40)];
  const binary = Buffer.from(`\0${orgToken('binary', 3_000)}\0`);
  const grown = Buffer.concat([binary.subarray(0, 1_500), Buffer.from(` ${added} `), binary.subarray(1_500)]);
  commit(path, {
    'old.bin': Buffer.from(`\0 ${gone} ${orgToken('others', 90).slice(7)}`),
    'grown.bin': binary,
  });
  rmSync(join(path, 'old.bin'));
  commit(path, { 'grown.bin': grown });
  const file = join(folder(), 'two.patch');
  const patch = git(path, 'diff', '--binary', 'HEAD~1', 'HEAD');
  expect(patch).toMatch(/^delta \d+$/m);
  for (const text of [patch, patch.replaceAll('\n', '\r\n')]) {
    writeFileSync(file, text);
    const report = reportOf(await guardsweep(['scan', '--format', 'json', file]));
    const places = report.findings.map(({ fingerprint, sightings }) => {
      const where = sightings[0]!.where;
      return `${fingerprint} ${where.kind === 'member' ? where.path : where.kind}`;
    });
    expect(places.sort()).toEqual(
      [`${fingerprintOf(gone)} old content`, `${fingerprintOf(added)} new content`].sort(),
    );
    expect(report.coverage.unscanned).toEqual([]);
  }
});

test('the report says through what it leads', async () => {
  const token = orgToken('written, its way', 40);
  const path = join(folder(), 'secret.yaml');
  const text = `data:\n  release: ${base64(base64(gzip(`{"token":"${token}"}`)))}\n`;
  writeFileSync(path, text);
  const report = reportOf(await guardsweep(['scan', '--format', 'json', path]));
  const steps: string[] = [];
  for (
    let at: Provenance = report.findings[0]!.sightings[0]!.where;
    at.kind === 'member';
    at = at.container
  ) {
    steps.unshift(`${at.path} (${at.formats?.join()})`);
  }
  expect(steps).toEqual([
    'base64 at byte 17 (stream,base64)',
    'base64 at byte 0 (stream,base64)',
    'content (gzip)',
  ]);
});

test('locate leads there with ordinary tools', async () => {
  const token = orgToken('written, located', 40);
  const path = join(folder(), 'secret.yaml');
  writeFileSync(path, `data:\n  release: ${base64(base64(gzip(`{"token":"${token}"}`)))}\n`);
  const report = reportOf(await guardsweep(['scan', '--format', 'json', path]));
  const { stdout } = await guardsweep(['locate', path, report.findings[0]!.fingerprint]);
  expect(stdout).toContain(`tail -c +18 < ${path} | head -c `);
  expect(stdout.match(/base64 -d 2>\/dev\/null/g)).toHaveLength(2);
  expect(stdout).toMatch(/gzip -dc \| tail -c \+\d+ \| head -c \d+; echo/);
});

test('a log that is followed may not hold all of it yet: it is listed', async () => {
  const cwd = folder();
  const token = orgToken('written, followed', 40);
  const text = `x ${base64(gzip(orgToken('followed noise', 300).slice(7)))}\n`;
  writeFileSync(join(cwd, 'app.log'), `one H4sIAAAAAAAA two\n${text}${text}key ${token}\n`);
  const running = await following(['app.log'], { cwd });
  await running.says(token.slice(-4));
  const report = await running.report();
  expect(report.coverage.unscanned).toMatchObject([
    {
      where: { kind: 'file', path: 'app.log' },
      reason: 'unsupported',
      detail: expect.stringContaining('the first at byte 23, 2 in all'),
    },
  ]);
});

describe('what only looks like it', () => {
  test.each([
    [
      'a literal in a rule',
      'strings: $a = "H4sIAAAAAAAA" $b = "UEsDBBQA" $c = "KLUv/QBYH" $d = "TVNDRgAAAAA"',
    ],
    ['random base64 behind it', `x: H4sIAAAAAAAA${orgToken('only noise', 400).slice(7)}`],
    [
      'a payload that a log cut short',
      `x ${base64(gzip(orgToken('cut', 900).slice(7))).slice(0, 700)}... (cut)`,
    ],
    ['a name alone', 'the parameters SAMLRequest=&SAMLResponse= and <diagram >'],
  ])('%s makes no scan incomplete', async (_, text) => {
    const path = join(folder(), 'notes.txt');
    writeFileSync(path, `${text}\n`.repeat(3));
    const ended = await guardsweep(['scan', '--format', 'json', path]);
    expect(reportOf(ended).coverage.unscanned).toEqual([]);
    expect(ended.code).toBe(0);
  });

  test('damage in the middle of it is listed, and what came before counts', async () => {
    const token = orgToken('written, damaged', 40);
    const packed = gzipSync(`${token} ${orgToken('some noise', 6_000).slice(7)}`);
    packed.fill(0xff, 2_000, 2_100);
    const path = join(folder(), 'x.yaml');
    writeFileSync(path, `x: ${base64(packed)}\n`);
    const ended = await guardsweep(['scan', '--format', 'json', path]);
    const report = reportOf(ended);
    expect(report.findings.map(({ fingerprint }) => fingerprint)).toEqual([fingerprintOf(token)]);
    expect(report.coverage.unscanned.map(({ reason }) => reason)).toEqual(['corrupt']);
    expect(ended.code).toBe(2);
  });

  test('a bomb is cut off and listed', async () => {
    const path = join(folder(), 'bomb.yaml');
    const once = gzipSync(Buffer.alloc(100 * 1024 * 1024));
    writeFileSync(path, `x: ${base64(gzipSync(once))}\n`);
    const ended = await guardsweep(['scan', '--format', 'json', '--max-ratio', '1000', path]);
    expect(reportOf(ended).coverage.unscanned.map(({ reason }) => reason)).toEqual(['budget']);
  });

  test('texts in texts in texts end somewhere', async () => {
    let text = 'nothing at all in here, but it is long enough';
    for (let depth = 0; depth < 20; depth++) text = base64(gzip(`x: ${text}`));
    const path = join(folder(), 'nest.yaml');
    writeFileSync(path, `x: ${text}\n`);
    const ended = await guardsweep(['scan', '--format', 'json', path]);
    expect(reportOf(ended).coverage.unscanned.map(({ reason }) => reason)).toEqual(['budget']);
  });
});
