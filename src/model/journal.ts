/** The life of one action. PLANNED → INTENT → ACK or REJECTED or UNKNOWN → VERIFIED or UNVERIFIED. */
export type JournalEvent =
  | 'RUN'
  | 'PLANNED'
  | 'REFUSED'
  | 'INTENT'
  | 'ACK'
  | 'REJECTED'
  | 'UNKNOWN'
  | 'VERIFIED'
  | 'UNVERIFIED'
  | 'END';

/** One line of the journal, before it is numbered, dated and chained. It never holds a token. */
export interface JournalEntry {
  readonly event: JournalEvent;
  readonly run: string;
  readonly action?: 'revoke' | 'issue';
  readonly fingerprint?: string;
  readonly tokenId?: string;
  readonly userIdentifier?: string;
  readonly evidence?: string;
  readonly httpStatus?: number;
  readonly detail?: string;
  /** With the INTENT to issue: what the new token is to replace, each as `FINGERPRINT:TOKEN_ID`; one of the two may be missing. */
  readonly replaces?: readonly string[];
  /** With RUN: what was scanned, so that the tokens can be found again. With the INTENT to issue: the files that it goes to. */
  readonly targets?: readonly string[];
  /** With RUN: whose tokens these are, by the address of the organization at its service. */
  readonly service?: string;
}
