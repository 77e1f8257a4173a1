import type { Packet } from './capture-packets.js';

/** What a packet carries of one direction of a connection. */
export interface Segment {
  /** Addresses and ports, from and to: the same in each segment of a direction. */
  readonly flow: string;
  readonly sequence: number;
  readonly isFirst: boolean;
  readonly start: number;
  readonly length: number;
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const TEB = 0x6558;
const PPP = 0x880b;
const TCP = 6;
const UDP = 17;
const GRE = 47;
/** VXLAN (its port, and that of Flannel) and Geneve. */
const VXLAN: ReadonlySet<number> = new Set([4789, 8472]);
const GENEVE = 6081;
/** Headers of IPv6 that name the next by their first byte and their length by the second (RFC 8200, 4.1). */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135]);
/** Packets in packets. */
const DEEPEST = 4;

/** How IP lies in a packet of each kind of link (tcpdump.org/linktypes), `undefined` for one that is not known. */
const LINKS: Readonly<Record<number, (reader: Headers) => void>> = {
  0: (reader) => reader.skip(4).ip(),
  108: (reader) => reader.skip(4).ip(),
  1: (reader) => reader.ethernet(),
  9: (reader) => reader.ppp(),
  12: (reader) => reader.ip(),
  14: (reader) => reader.ip(),
  101: (reader) => reader.ip(),
  228: (reader) => reader.ip(),
  229: (reader) => reader.ip(),
  109: (reader) => reader.skip(12).ip(),
  113: (reader) => reader.skip(14).typed(),
  276: (reader) => reader.typedAt(20, 0),
};

export function isKnownLink(link: number): boolean {
  return link in LINKS;
}

export function segmentOf(packet: Packet): Segment | undefined {
  const reader = new Headers(packet);
  LINKS[packet.link]?.(reader);
  return reader.segment;
}

/** Goes through the headers of one packet; what does not hold together ends it. */
class Headers {
  readonly #bytes: Buffer;
  readonly #start: number;
  /** Where the packet ends, as far as the headers so far know. */
  #end: number;
  #at = 0;
  #depth = 0;
  segment: Segment | undefined;

  constructor({ head, start, length }: Packet) {
    this.#bytes = head;
    this.#start = start;
    this.#end = length;
  }

  skip(count: number): this {
    this.#at += count;
    return this;
  }

  ethernet(): void {
    this.skip(12).typed();
  }

  /** The type of what follows, and what follows: tags of virtual networks, labels of MPLS, sessions of PPP. */
  typed(): void {
    let type = this.#number(this.#at, 2);
    this.#at += 2;
    while (type === 0x8100 || type === 0x88a8 || type === 0x9100) {
      type = this.#number(this.#at + 2, 2);
      this.#at += 4;
    }
    if (type === 0x8847 || type === 0x8848) {
      while (this.#at < this.#bytes.length && (this.#number(this.#at + 2, 1) & 1) === 0) this.#at += 4;
      this.skip(4).ip();
    } else if (type === 0x8864) this.skip(6).ppp();
    else this.#following(type);
  }

  /** The same where the type stands at `at`, and what follows behind `length` bytes. */
  typedAt(length: number, at: number): void {
    const type = this.#number(this.#at + at, 2);
    this.skip(length).#following(type);
  }

  ppp(): void {
    if (this.#number(this.#at, 2) === 0xff03) this.#at += 2;
    this.skip((this.#number(this.#at, 1) & 1) === 1 ? 1 : 2).ip();
  }

  ip(): void {
    if (++this.#depth > DEEPEST) return;
    const version = this.#number(this.#at, 1) >> 4;
    if (version === 4) this.#ipv4();
    else if (version === 6) this.#ipv6();
  }

  #following(type: number): void {
    if (type === IPV4 || type === IPV6) this.ip();
    else if (type === TEB) this.ethernet();
    else if (type === PPP) this.ppp();
  }

  #ipv4(): void {
    const begun = this.#at;
    const header = (this.#number(begun, 1) & 15) * 4;
    const total = this.#number(begun + 2, 2);
    // Of a fragment that is not the first, nobody knows here what it goes on with.
    if (header < 20 || (this.#number(begun + 6, 2) & 0x1fff) !== 0) return;
    // What a card divides into packets of its own has no length yet.
    if (total >= header) this.#end = Math.min(this.#end, begun + total);
    this.skip(header).#carried(this.#number(begun + 9, 1), this.#text(begun + 12, 8));
  }

  #ipv6(): void {
    const begun = this.#at;
    const length = this.#number(begun + 4, 2);
    if (length > 0) this.#end = Math.min(this.#end, begun + 40 + length);
    let next = this.#number(begun + 6, 1);
    this.skip(40);
    while (EXTENSIONS.has(next) && this.#at < this.#bytes.length) {
      next = this.#number(this.#at, 1);
      this.#at += (this.#number(this.#at + 1, 1) + 1) * 8;
    }
    this.#carried(next, this.#text(begun + 8, 32));
  }

  #carried(protocol: number, addresses: string): void {
    if (protocol === TCP) this.#tcp(addresses);
    else if (protocol === 4 || protocol === 41) this.ip();
    else if (protocol === GRE) this.#gre();
    else if (protocol === UDP) this.#udp();
  }

  #tcp(addresses: string): void {
    const begun = this.#at;
    const header = (this.#number(begun + 12, 1) >> 4) * 4;
    if (header < 20 || begun + header > this.#bytes.length) return;
    const isFirst = (this.#number(begun + 13, 1) & 2) !== 0;
    this.segment = {
      flow: addresses + this.#text(begun, 4),
      sequence: this.#number(begun + 4, 4) + (isFirst ? 1 : 0),
      isFirst,
      start: this.#start + begun + header,
      length: Math.max(0, this.#end - begun - header),
    };
  }

  /** RFC 2784 and 2890: a checksum, a key and a number may stand in it. */
  #gre(): void {
    const flags = this.#number(this.#at, 2);
    const optional = [0x8000, 0x2000, 0x1000].filter((flag) => (flags & flag) !== 0).length;
    this.typedAt(4 + 4 * optional, 2);
  }

  #udp(): void {
    const port = this.#number(this.#at + 2, 2);
    if (VXLAN.has(port)) this.skip(16).ethernet();
    else if (port === GENEVE) this.skip(8).typedAt(8 + (this.#number(this.#at, 1) & 63) * 4, 2);
  }

  /** Big-endian; beyond the end there are zeros. */
  #number(at: number, length: number): number {
    let value = 0;
    for (let i = at; i < at + length; i++) value = value * 256 + (this.#bytes[i] ?? 0);
    return value;
  }

  #text(at: number, length: number): string {
    return this.#bytes.toString('latin1', at, at + length);
  }
}
