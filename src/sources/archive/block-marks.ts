import { BORG } from './borg.js';
import { inflates, SAMPLE } from './deflate-sample.js';
import { CODEC_HEADER, packedAt } from './elasticsearch.js';
import { HFILE } from './hfile.js';
import { isKafka } from './kafka-head.js';
import { isAt } from './starts-with.js';

/** Files that are packed block by block, and are told by their beginnings; tables of LevelDB by their end. */
export type Blocked =
  | 'journal'
  | 'redis'
  | 'avro'
  | 'parquet'
  | 'mozilla'
  | 'kafka'
  | 'tnef'
  | 'png'
  | 'openpgp'
  | 'chromium'
  | 'uimage'
  | 'borg'
  | 'elasticsearch'
  | 'hbase'
  | 'wiredtiger'
  | 'wiredtiger log';

export interface BlockMark {
  readonly kind: Blocked;
  readonly text: string;
  readonly fits?: (head: Uint8Array) => boolean;
}

export const BLOCKED: readonly BlockMark[] = [
  // Of systemd (systemd.io/JOURNAL_FILE_FORMAT), Redis, Avro, Parquet, Firefox, Kafka, Outlook (TNEF), Chromium's cache.
  { kind: 'journal', text: 'LPKSHHRH' },
  { kind: 'redis', text: 'REDIS0' },
  { kind: 'avro', text: 'Obj\x01' },
  { kind: 'parquet', text: 'PAR1', fits: (head) => head[4] === 0x15 },
  { kind: 'mozilla', text: 'mozLz40\0' },
  { kind: 'kafka', text: '\0', fits: isKafka },
  { kind: 'tnef', text: '\x78\x9f\x3e\x22' },
  { kind: 'png', text: '\x89PNG\r\n\x1a\n' },
  { kind: 'chromium', text: '\x30\x5c\x72\xa7\x1b\x6d\xfb\xfc' },
  { kind: 'borg', text: BORG },
  { kind: 'elasticsearch', text: CODEC_HEADER, fits: (head) => packedAt(head) !== undefined },
  { kind: 'hbase', text: HFILE },
  // What U-Boot starts, behind a header that says what it is.
  { kind: 'uimage', text: '\x27\x05\x19\x56' },
  // Tables and journals of WiredTiger (MongoDB): their version follows, and nothing more.
  { kind: 'wiredtiger', text: '\x41\xd8\x01\0\x01\0', fits: (head) => isAt(head, 12, '\0'.repeat(20)) },
  { kind: 'wiredtiger log', text: '\x80\0\0\0', fits: (head) => isAt(head, 16, '\x64\x10\x10\0') },
  // Packed data of OpenPGP, without a length: by DEFLATE, zlib, bzip2.
  { kind: 'openpgp', text: '\xa3\x01', fits: (head) => inflates(sample(head, 2)) },
  { kind: 'openpgp', text: '\xa3\x02', fits: (head) => head[2] === 0x78 && inflates(sample(head, 4)) },
  { kind: 'openpgp', text: '\xa3\x03BZh' },
];

function sample(head: Uint8Array, at: number): Buffer {
  return Buffer.from(head.buffer, head.byteOffset + at, Math.max(0, Math.min(head.length - at, SAMPLE)));
}
