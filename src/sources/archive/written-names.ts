import type { Writing } from './written-stream.js';

/** What stands between a name and what it names is no longer: of an answer in JSON, other fields. */
export const SHOWN = 4096 + 128;

/** A name that tells of what follows. */
export interface Name {
  /** With what stands between. */
  readonly length: number;
  readonly writing: Writing;
  /** How it is packed, if nothing but the name tells: DEFLATE without a header, or what has none. */
  readonly packing?: 'deflate' | 'brotli' | 'lz-string';
}

/** The name that a text begins with. */
export function nameOf(text: string): Name | undefined {
  const bare = NAMED.exec(text)?.[0].length;
  if (bare !== undefined) return { length: bare, writing: 'base64', packing: 'deflate' };
  const diagram = PLANTUML.exec(text)?.[0].length;
  if (diagram !== undefined) return { length: diagram, writing: 'plantuml', packing: 'deflate' };
  const state = LZ_STRING.exec(text);
  if (state !== null) {
    const writing = state[1] === undefined ? 'base64' : 'base64 in a link';
    return { length: state[0].length, writing, packing: 'lz-string' };
  }
  const answer = ANSWER.exec(text);
  if (answer !== null) {
    const [{ length }, packing] = answer;
    return { length, writing: 'base64', packing: packing === 'br' ? 'brotli' : 'deflate' };
  }
  const decoder = DECODER.exec(text);
  const writing = decoder === null ? undefined : BASE85[decoder[1]!];
  return writing === undefined ? undefined : { length: decoder![0].length, writing };
}

/** An answer as API gateways and captures of browsers (HAR) have it in JSON: its encoding, and then its body. */
const ANSWER =
  /^(?:n?c?oding|value)": ?"(br|deflate)"[\s\S]{0,4000}?"(?:body|text|content|data)": ?"(?=[A-Za-z0-9+/]{24})/;

/** A function of Python, and what stands before its data. */
const DECODER = /^([abz])85decode\(\s{0,20}[bB]?(?:"{3}|'{3}|["'])(?:<~)?/;
const BASE85: Readonly<Record<string, Writing>> = {
  a: 'ascii85 in a string',
  b: 'base85',
  z: 'z85',
};

/** A diagram of draw.io: in a file, in what keeps such a file as text (SVG, HTML, JSON), in PNG and in a link. */
const DIAGRAM = [
  String.raw`<diagram [^>]{0,400}>\s{0,80}`,
  String.raw`lt;diagram [^<>]{0,800}?&(?:amp;){0,3}gt;(?:\s|&#x?[0-9a-fA-F]{1,4};|\\+n){0,80}`,
  String.raw`u003[cC]diagram [^<>]{0,800}?\\+u003[eE](?:\\+n| ){0,80}`,
  String.raw`%3Cdiagram(?:%20|\+)[^\s<>"']{0,1200}?%3E`,
  String.raw`(?:diagrams\.net|draw\.io)/\?[^\s"'<>#]{0,400}#R(?=[\w%-])`,
];

/** The header of a message of JOSE that says `"zip":"DEF"` (RFC 7516, 4.1.3), from there on, and the dot that ends it. */
const ZIPPED = String.raw`(?:InppcCI6I|J6aXAiOi|iemlwIjoi|InppcCI6ICJERU|J6aXAiOiAiREVG|iemlwIjogIkRFR)[\w-]{0,600}\.`;

/** What stands between a name and what it names. */
const NAMED = new RegExp(
  `^(?:${[
    String.raw`SAMLRe(?:quest|sponse)(?:=|%3[Dd]|["'\s:=]|&quot;|\\"){1,12}`,
    ...DIAGRAM,
    ZIPPED,
    String.raw`gzinflate\(\s*base64_decode\(\s*["']`,
    String.raw`ase64String\(\s{0,8}\(?@?["']`,
    String.raw`b64decode\([bB]?["']{1,3}`,
    String.raw`nflateRaw(?:Sync)?\([\s\w.(]{0,60}["'\x60]`,
  ].join('|')})`,
);

/** A link to a server of PlantUML, or the source in a picture that it made. */
const PLANTUML = /^(?:uml\/(?:png|svg|uml|txt|img)\/(?:\d{1,2}\/)?(?:~1)?|--SRC=\[)(?=[0-9A-Za-z_-]{24})/;

/**
 * What pages keep in links and forms by lz-string: the playground of TypeScript, that of Babel; sandboxes of CodeSandbox; and
 * drawings of Excalidraw in notes of Obsidian.
 */
const LZ_STRING =
  /^(?:(lang\.org\/play\/?(?:\?[^\s"'<>#]{0,300})?#code\/|code_lz=)|compressed-json\r?\n\s{0,8}|fine\?parameters=|e="parameters" value=")(?=[\w+/%-]{24})/;
