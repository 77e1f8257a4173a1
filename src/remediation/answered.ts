import type { JournalEntry, JournalEvent } from '../model/journal.js';
import type { RevokeAnswer } from '../model/token.js';

const EVENTS: Record<RevokeAnswer['state'], JournalEvent> = {
  accepted: 'ACK',
  gone: 'ACK',
  rejected: 'REJECTED',
  unknown: 'UNKNOWN',
};

/** How the journal puts down what the service said to a revocation. */
export function answered(answer: RevokeAnswer): Pick<JournalEntry, 'event' | 'httpStatus' | 'detail'> {
  const { httpStatus } = answer.exchange;
  return {
    event: EVENTS[answer.state],
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...('reason' in answer ? { detail: answer.reason } : {}),
  };
}
