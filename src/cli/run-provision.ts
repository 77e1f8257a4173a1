import { randomUUID } from 'node:crypto';
import { Journal } from '../audit/journal.js';
import { redactor } from '../findings/redact.js';
import type { Credential } from '../takumi/credential.js';
import { prefixes } from '../workflows/detector.js';
import { type Provision, provision } from '../workflows/people.js';
import { openDelivery } from './delivery.js';
import { journalFile } from './journal-file.js';
import type { ProvisionOptions } from './people.js';
import { connect } from './service.js';
import { plain } from './table.js';

const SAID: Readonly<Record<Provision['state'], string>> = {
  kept: 'a working token is in place; nothing was done',
  issued: 'a new token is in place',
  rotated: 'a new token is in place, and the old one is proven dead',
  unchecked: 'the service did not say whether the token in place works',
  failed: 'no token was put in place',
  old_lives: 'a new token is in place, but the old one may live',
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
    const journal = Journal.open(journalFile(options.journal, run), { redact: redactor([], prefixes()) });
    const service = await connect(credential);
    try {
      const done = await provision({
        run,
        user,
        service,
        journal,
        places: delivery.places,
        deliver: (token) => delivery.deliver(token),
        ...(options.maxAge === undefined ? {} : { maxAge: options.maxAge }),
      });
      say(done, options);
      return CODES[done.state];
    } finally {
      journal.close();
      await service.close();
    }
  } finally {
    delivery.close();
  }
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
