import { createHash, randomUUID } from 'node:crypto';
import { linesOf } from '../audit/unfinished.js';
import { redactor } from '../findings/redact.js';
import type { Credential } from '../takumi/credential.js';
import { prefixes } from '../workflows/detector.js';
import { type Provision, provision } from '../workflows/provision.js';
import { openDelivery } from './delivery.js';
import { journalFile, openJournal, serviceOf } from './journal-file.js';
import type { ProvisionOptions } from './provision.js';
import { connect } from './service.js';
import { plain } from './table.js';

const SAID: Readonly<Record<Provision['state'], string>> = {
  kept: 'a working token is in place; nothing was done',
  issued: 'a new token is in place',
  rotated: 'a new token is in place, and the old one is proven dead',
  unchecked: 'the service did not say whether the token in place works',
  failed: 'no token was put in place',
  old_lives: 'a working token is in place, but one that it replaced may live',
};
const CODES: Readonly<Record<Provision['state'], number>> = {
  kept: 0,
  issued: 0,
  rotated: 0,
  unchecked: 2,
  failed: 2,
  old_lives: 4,
};

/** Puts a working token in place, or leaves the one that is. */
export async function runProvision(
  credential: Credential,
  user: string,
  options: ProvisionOptions,
): Promise<number> {
  const delivery = openDelivery(options, false);
  try {
    const run = randomUUID();
    const journal = openJournal(
      journalFile(options.journal, nameFor(user)),
      credential,
      redactor([], prefixes()),
    );
    const service = await connect(credential);
    try {
      const done = await provision({
        run,
        user,
        service,
        journal,
        places: delivery.places,
        ready: () => delivery.ready(),
        earlier: linesOf(serviceOf(credential), journal.earlier),
        allOfUser: options.revokeAllOfUser ?? false,
        deliver: (token, whose) => delivery.deliver(token, whose),
        ...(options.maxAge === undefined ? {} : { maxAge: options.maxAge }),
      });
      say(done, options);
      return done.wrongCredential ? 3 : CODES[done.state];
    } finally {
      journal.close();
      await service.close();
    }
  } finally {
    delivery.close();
  }
}

/** One journal a user, so that every run knows what the runs before it left behind. */
function nameFor(user: string): string {
  return `user-${createHash('sha256').update(user).digest('hex').slice(0, 16)}`;
}

function say(
  { state, userIdentifier, tokenId, reason }: Provision,
  { format, writeTo }: ProvisionOptions,
): void {
  if (format === 'json') {
    const shown = { state, user_identifier: userIdentifier, token_id: tokenId, files: writeTo, reason };
    process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    return;
  }
  const why = reason === undefined ? '' : `: ${plain(reason)}`;
  process.stderr.write(`${plain(userIdentifier)}: ${SAID[state]}${why}\n`);
}
