import type { Provenance } from '../../model/provenance.js';
import type { RandomAccess } from '../file-tree.js';
import { bytesAt } from '../random-access.js';
import { packetsOf } from './capture-packets.js';
import { type Expansion, type Found, member, missed, placeIn } from './found.js';
import { readBodies } from './http.js';
import { SNIFF_LENGTH, sniff } from './sniff.js';
import { StoredStream } from './stored-stream.js';
import { TcpFlows, type TcpStream } from './tcp-flows.js';
import { isKnownLink, segmentOf } from './tcp-segment.js';

/** How much is kept of connections at one time, in segments of about 30 bytes: those of more than 2 GiB of traffic. */
const MOST = 1.5 * 1024 * 1024;

/** What was sent on the connections of a capture, put together from its packets. */
export async function* readCapture(
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found> {
  let flows = new TcpFlows();
  let encrypted = 0;
  let isCut = false;
  const unknown = new Set<number>();
  for (const packet of packetsOf(access)) {
    if (!isKnownLink(packet.link)) unknown.add(packet.link);
    const segment = segmentOf(packet);
    if (segment === undefined) continue;
    if (flows.cost >= MOST) {
      encrypted += yield* readFlows(flows, access, where, expansion);
      flows = new TcpFlows();
      isCut = true;
    }
    flows.add(segment);
  }
  encrypted += yield* readFlows(flows, access, where, expansion);
  if (isCut) {
    const detail = `more packets and connections than are kept at one time (about ${MOST}): what was sent across the end of so many was put together in two parts; split the capture by connections (tcpflow) and scan the result`;
    yield missed(where, 'budget', detail);
  }
  for (const link of unknown) {
    const detail = `a capture of a kind of network (link type ${link}) whose packets are not put together: each was scanned by itself`;
    yield missed(where, 'unsupported', detail);
  }
  if (encrypted > 0) {
    const detail = `${encrypted} connections in it are encrypted (TLS, SSH), counted by their directions: only what stands openly was scanned`;
    yield missed(where, 'encrypted', detail);
  }
}

/** @returns how many of them are encrypted. */
async function* readFlows(
  flows: TcpFlows,
  access: RandomAccess,
  where: Provenance,
  expansion: Expansion,
): AsyncGenerator<Found, number> {
  let encrypted = 0;
  for (const stream of flows.streams(access)) {
    const { content } = stream;
    const head = bytesAt(content, 0, SNIFF_LENGTH);
    if (isEncrypted(head)) encrypted += 1;
    const format = sniff(head);
    const isPlain = format === undefined || format === 'http';
    // One packet was searched, and carved, where it stands.
    const isRead = content.parts === 1 && isPlain;
    if (isRead && !head.includes('HTTP/1.')) continue;
    expansion.budget.entry();
    const place = placeOf(stream, where);
    if (!isRead) {
      const unread = new StoredStream(content, expansion.budget);
      yield member({ type: 'unit', provenance: place, content: unread });
    }
    // Where the capture began in the middle of a message, others follow.
    if (isRead || format === undefined) yield* readBodies(content, place, expansion);
  }
  return encrypted;
}

function placeOf({ flow, start, end }: TcpStream, where: Provenance): Provenance {
  const bytes = Buffer.from(flow, 'latin1');
  const address = (bytes.length - 4) / 2;
  const side = (index: number) => {
    const text = addressOf(bytes.subarray(index * address, (index + 1) * address));
    return `${text}:${bytes.readUInt16BE(2 * address + 2 * index)}`;
  };
  const path = `tcp ${side(0)} to ${side(1)} at byte ${start}`;
  return placeIn(where, path, ['stream', 'tcp'], { start, end });
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  return `[${bytes.toString('hex').replace(/(.{4})(?!$)/g, '$1:')}]`;
}

/** A record of TLS (a handshake, or what follows one), or the greeting of SSH. */
function isEncrypted(head: Buffer): boolean {
  const isTls = (head[0] === 0x16 || head[0] === 0x17) && head[1] === 3 && head[2]! <= 4;
  return isTls || head.toString('latin1', 0, 4) === 'SSH-';
}
