import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.js';
import { environmentOf } from '../support/emulator.js';
import { inProcess } from '../support/in-process.js';
import { folder, guardsweep } from '../support/program.js';
import { hasTerminal, onTerminal } from '../support/pty.js';
import { fingerprintOf } from '../support/report.js';
import { orgToken } from '../support/tokens.js';

const LEAKED = orgToken('prompt leaked');
const OTHER = orgToken('prompt other');
const PROMPT = /Type “yes” to go on: /;

/** Every command that kills, and what it has to show before it asks. */
const COMMANDS: Record<string, { args: (world: World) => string[]; shows: RegExp[]; declined: number }> = {
  'scan --revoke': {
    args: ({ leak }) => ['scan', '--revoke', leak],
    shows: [/tg_org_…/, /ID_OF_ALICE/, /alice/, /Whatever installs packages as alice stops/],
    declined: 4,
  },
  apply: {
    args: ({ plan }) => ['apply', plan],
    shows: [/ID_OF_ALICE/, /Whatever installs packages as alice stops/],
    declined: 4,
  },
  'tokens revoke': {
    args: ({ id }) => ['tokens', 'revoke', id],
    shows: [/ID_OF_ALICE {2}alice/],
    declined: 4,
  },
  offboard: {
    args: () => ['offboard', 'alice'],
    shows: [/ID_OF_ALICE {2}alice {2}last used/],
    declined: 4,
  },
  rotate: {
    args: ({ dir }) => [
      'rotate',
      fingerprintOf(LEAKED),
      join(dir, 'leak.log'),
      '--to-file',
      join(dir, 'token'),
    ],
    shows: [/To be replaced:/, /ID_OF_ALICE {2}alice/],
    declined: 4,
  },
};

describe.skipIf(!hasTerminal)('on a terminal', () => {
  for (const [name, { args, shows, declined }] of Object.entries(COMMANDS)) {
    test(`${name} shows what would die and asks; a “yes” does it`, async () => {
      const world = await prepared();
      const run = onTerminal(args(world), { env: world.env });
      await run.shows(PROMPT);
      const before = run.screen().slice(0, run.screen().search(PROMPT));
      for (const each of shows) {
        expect(before).toMatch(new RegExp(each.source.replace('ID_OF_ALICE', world.id)));
      }
      expect(changes(world.service), 'nothing before the answer').toEqual([]);
      run.type('YES\r');
      expect([0, 1]).toContain(await run.ended);
      expect(isAlive(world.service, LEAKED)).toBe(false);
      expect(isAlive(world.service, OTHER)).toBe(true);
    });

    test(`${name}: “y” is no yes`, async () => {
      const world = await prepared();
      const run = onTerminal(args(world), { env: world.env });
      await run.shows(PROMPT);
      run.type('y\r');
      expect(await run.ended).toBe(declined);
      expect(changes(world.service)).toEqual([]);
    });
  }

  const NO: Record<string, { keys: string; env?: Record<string, string> }> = {
    'a “no”': { keys: 'no\r' },
    'an empty line': { keys: '\r' },
    garbage: { keys: 'yes please\u0007\u00e9\u001b[A\r' },
    'the end of input (Ctrl-D)': { keys: '\u0004' },
    'Ctrl-C': { keys: '\u0003' },
    'no answer': { keys: '', env: { GUARDSWEEP_PROMPT_TIMEOUT: '1s' } },
  };
  for (const [name, { keys, env = {} }] of Object.entries(NO)) {
    test(`${name} is a no, and what was found is still reported`, async () => {
      const world = await prepared();
      const report = join(world.dir, 'report.json');
      const run = onTerminal(['scan', '--revoke', '--report', `json=${report}`, world.leak], {
        env: { ...world.env, ...env },
      });
      await run.shows(PROMPT);
      run.type(keys);
      expect(await run.ended).toBe(4);
      expect(run.screen()).toMatch(/you did not agree/);
      const { findings } = JSON.parse(readFileSync(report, 'utf8')) as {
        findings: { remediation: { state: string } }[];
      };
      expect(findings.map(({ remediation }) => remediation.state)).toEqual(['refused']);
      expect(changes(world.service)).toEqual([]);
    });
  }

  test('--yes asks nothing on a terminal either', async () => {
    const world = await prepared();
    const run = onTerminal(['scan', '--revoke', '--yes', world.leak], { env: world.env });
    expect(await run.ended).toBe(1);
    expect(run.screen()).not.toMatch(PROMPT);
    expect(isAlive(world.service, LEAKED)).toBe(false);
  });

  test('what is scanned from standard input leaves nobody to ask', async () => {
    const world = await prepared();
    const run = onTerminal(['scan', '--revoke', '-'], { env: world.env });
    expect(await run.ended).toBe(3);
  });

  test('a name of the service’s that holds escape sequences changes nothing on the screen', async () => {
    const world = await prepared('ali\u001b[2J\u001b]0;x\u0007\u202ece');
    const run = onTerminal(['tokens', 'revoke', world.id], { env: world.env });
    await run.shows(PROMPT);
    expect(run.screen()).not.toContain('\u001b[2J');
    expect(run.screen()).not.toContain('\u202e');
    run.type('no\r');
    expect(await run.ended).toBe(4);
  });
});

test.each(Object.entries(COMMANDS))(
  '%s without a terminal and without --yes does nothing',
  async (name, { args }) => {
    const world = await prepared();
    const ended = await guardsweep(args(world), { env: world.env });
    // An offboarding without a yes is a dry run.
    expect(ended.code).toBe(name === 'offboard' ? 0 : 3);
    expect(ended.stderr).toMatch(/--yes/);
    expect(changes(world.service)).toEqual([]);
  },
);

interface World {
  readonly service: Emulator;
  readonly env: Readonly<Record<string, string>>;
  readonly dir: string;
  readonly leak: string;
  readonly plan: string;
  readonly id: string;
}

async function prepared(user = 'alice'): Promise<World> {
  const service = await startEmulator({
    dialect: 'id',
    seed: [
      { token: LEAKED, user_identifier: user, status: 'active' },
      { token: OTHER, user_identifier: 'alice-laptop', status: 'active' },
    ],
  });
  onTestFinished(() => service.close());
  const dir = folder();
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: dir,
    XDG_STATE_HOME: join(dir, 'state'),
    ...environmentOf(service.listening),
  };
  const leak = join(dir, 'leak.log');
  writeFileSync(leak, `${LEAKED}\n`);
  const plan = join(dir, 'plan.json');
  await inProcess(['plan', leak, '--output', plan, '--quiet'], env);
  return { service, env, dir, leak, plan, id: service.tokens()[0]!.tokenId };
}

/** The requests that issue and revoke. */
function changes(service: Emulator): string[] {
  return service
    .log()
    .filter(({ method, path }) => method === 'DELETE' || (method === 'POST' && !path.endsWith('/probe')))
    .map(({ method }) => method);
}

function isAlive(service: Emulator, token: string): boolean {
  return service.tokens().find((each) => each.token === token)?.status === 'active';
}
