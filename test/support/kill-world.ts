import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Journal } from '../../src/audit/journal.js';
import type { JournalLine } from '../../src/audit/line.js';
import { verifyJournal } from '../../src/audit/verify.js';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.js';
import { environmentOf } from './emulator.js';
import type { Ended } from './program.js';
import { fingerprintOf } from './report.js';
import { orgToken } from './tokens.js';

/** Runs the program to its end, in whatever way a campaign runs it. */
export type Run = (args: readonly string[], env: Readonly<Record<string, string>>) => Promise<Ended>;

/** What a command finds when it is killed, and what has to be true afterwards. */
export interface World {
  readonly service: Emulator;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly journal: string;
  /** Holds what was killed or failed, finishes it with `run`, and holds what came of that. */
  finish(run: Run, failed: Ended): Promise<void>;
}

export const LEAKED = ['a', 'b'].map((seed) => orgToken(`kill ${seed}`));
export const NEIGHBOUR = orgToken('kill neighbour');
export const OLD = orgToken('kill old');

export interface Prepared extends Omit<World, 'args' | 'finish'> {
  readonly dir: string;
  readonly leak: string;
}

export async function prepared(root: string, tokens: readonly string[]): Promise<Prepared> {
  const dir = mkdtempSync(join(root, 'world-'));
  const service = await startEmulator({
    dialect: 'id',
    seed: [...tokens, NEIGHBOUR].map((token, at) => ({
      token,
      user_identifier: `user-${at}`,
      status: 'active',
      created_at: '2020-01-01T00:00:00Z',
    })),
  });
  const leak = join(dir, 'leak.log');
  writeFileSync(leak, tokens.map((token) => `${token}\n`).join(''));
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: dir,
    XDG_STATE_HOME: join(dir, 'state'),
    ...environmentOf(service.listening),
  };
  return { dir, service, leak, journal: join(dir, 'journal.jsonl'), env };
}

/** The journal of a run that was killed when its first request was on its way. */
export function halfDone(service: Emulator, file: string, leak: string): void {
  const journal = Journal.open(file, { redact: (text) => text });
  const ids = idsOf(service, LEAKED);
  const about = (at: number) => ({
    run: 'killed',
    action: 'revoke' as const,
    fingerprint: fingerprintOf(LEAKED[at]!),
    tokenId: ids[at]!,
    userIdentifier: `user-${at}`,
    evidence: 'probe_id',
  });
  journal.append({ event: 'RUN', run: 'killed', targets: [leak] });
  for (const at of LEAKED.keys()) journal.append({ event: 'PLANNED', ...about(at) });
  journal.append({ event: 'INTENT', ...about(0) });
  journal.close();
}

/** Finishes what the journal says was left undone. */
export async function resumed({ journal, env }: Prepared, run: Run): Promise<void> {
  if (!existsSync(journal)) return;
  expect(verifyJournal(journal).ok).toBe(true);
  const { code, stderr } = await run(['resume', journal, '--yes'], env);
  expect([0, 1], stderr).toContain(code);
}

/** The same, and runs the command again where that left anything alive. */
export async function finishedBy(args: readonly string[], world: Prepared, run: Run): Promise<void> {
  await resumed(world, run);
  if (living(world.service, LEAKED) > 0) expect((await run(args, world.env)).code).toBe(0);
  holds(world);
}

/** The service and the journal agree that everything that leaked is dead and nothing else is. */
export function holds(world: Prepared): void {
  for (const { token, status } of world.service.tokens()) {
    expect(status).toBe(LEAKED.includes(token) ? 'revoked' : 'active');
  }
  const { ok, truncated, open } = verifyJournal(world.journal);
  expect({ ok, truncated, open }).toEqual({ ok: true, truncated: 0, open: [] });
  const events = sentAsRecorded(world);
  for (const id of idsOf(world.service, LEAKED)) {
    expect(events.get(id), 'nothing is lost').toContain('VERIFIED');
  }
}

/** Nothing was sent that was not written down before, and nothing twice but where it was not known what came of it. */
export function sentAsRecorded({
  service,
  journal,
}: Pick<World, 'service' | 'journal'>): Map<string, string[]> {
  const events = new Map<string, string[]>();
  const lines = existsSync(journal) ? readFileSync(journal, 'utf8').trimEnd().split('\n') : [];
  for (const text of lines) {
    if (text === '') continue;
    const { token_id: id, event, action } = JSON.parse(text) as JournalLine & { token_id?: string };
    if (id !== undefined && action === 'revoke') events.set(id, [...(events.get(id) ?? []), event]);
  }
  for (const known of events.values()) {
    for (const [index, event] of known.entries()) {
      const before = known.slice(0, index).findLast((each) => each !== 'PLANNED');
      if (event === 'INTENT')
        expect([undefined, 'INTENT', 'UNKNOWN', 'UNVERIFIED', 'REJECTED'], `${known}`).toContain(before);
    }
  }
  for (const { method, path } of service.log()) {
    if (method !== 'DELETE') continue;
    const id = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
    const known = events.get(id) ?? [];
    const sent = service.log().filter((each) => each.method === 'DELETE' && each.path === path).length;
    expect(sent, `${id}: ${known}`).toBeLessThanOrEqual(known.filter((each) => each === 'INTENT').length);
  }
  return events;
}

export function idsOf(service: Emulator, tokens: readonly string[]): string[] {
  return tokens.map((token) => service.tokens().find((each) => each.token === token)!.tokenId);
}

export function living(service: Emulator, tokens: readonly string[]): number {
  return service.tokens().filter(({ token, status }) => tokens.includes(token) && status === 'active').length;
}

/** Whether the token in a configuration works. */
export function inFile(service: Emulator, file: string): string | undefined {
  const held = /tg_org_[A-Za-z0-9_-]+/.exec(readFileSync(file, 'utf8'))?.[0];
  return service.tokens().find(({ token }) => token === held)?.status;
}

/** The IDs of living tokens of the machine's user that it does not hold. */
export function strays(service: Emulator, file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return service
    .tokens()
    .filter(({ status, userIdentifier }) => status === 'active' && userIdentifier === 'user-0')
    .filter(({ token }) => !text.includes(token))
    .map(({ tokenId }) => tokenId);
}
