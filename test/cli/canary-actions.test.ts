import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.js';
import type { FaultRule } from '../../src/emulator/faults.js';
import { environmentOf } from '../support/emulator.js';
import { guardsweep } from '../support/in-process.js';
import { type Ended, folder, start } from '../support/program.js';
import { fingerprintOf } from '../support/report.js';
import { botKey, orgToken } from '../support/tokens.js';

/**
 * Every command that acts, in every format and level, on the good road and on bad ones: whatever it writes anywhere is
 * searched for the tokens that it handled, those that it made, and the credential. A new token may be where it was to be
 * delivered, and there alone. On the good road each is a process, which others can look at; what a service or an
 * environment that is wrong makes them say, they say in the process of the test as well.
 */
const TOKENS = Array.from({ length: 8 }, (_, at) => orgToken(`canary action ${at}`));

/** What a run showed and what could be seen of it from outside, but for the one place that a new token may be in. */
interface Seen {
  readonly name: string;
  readonly text: string;
}

test('the commands that act, where all goes well', async () => {
  const world = await prepared();
  const { dir, leak } = world;
  const npmrc = join(dir, 'delivered', '.npmrc');
  const file = join(dir, 'delivered.token');
  const report = join(dir, 'report.json');
  const plan = join(dir, 'plan.json');
  const journal = join(dir, 'journal.jsonl');
  const all = async (...calls: string[][]) => {
    for (const args of calls) await see(world, args);
  };
  await all(
    ['doctor'],
    ['tokens', 'list'],
    ['tokens', 'list', '--format', 'json'],
    ['tokens', 'list', '--format', 'ids'],
    ['scan', '--verbose', '--explain', '--report', `json=${report}`, leak],
    ['plan', leak, '--output', plan],
    ['plan', report],
    ['scan', '--plan', join(dir, 'plan2.json'), leak],
    ['scan', '--revoke', '--yes', '--max-revocations', '0', '--journal', journal, leak],
    [
      'rotate',
      '--from-report',
      report,
      '--yes',
      '--max-revocations',
      '1',
      '--to-command',
      'cat',
      '--journal',
      journal,
    ],
    ['inventory', report],
    ['inventory', report, '--format', 'json'],
    ['offboard', 'user-0'],
    ['offboard', 'user-0', '--yes', '--format', 'json', '--journal', journal],
    ['onboard', 'new', '--write-to', npmrc, '--journal', journal],
    ['ensure', 'new', '--write-to', npmrc, '--max-age', '1ms', '--format', 'json'],
    ['ensure', 'new', '--write-to', npmrc],
    ['rotate', world.idOf(TOKENS[1]!), '--yes', '--to-file', file, '--journal', journal],
    ['rotate', fingerprintOf(TOKENS[2]!), leak, '--yes', '--format', 'json', '--to-command', `cat > ${file}`],
    ['tokens', 'revoke', world.idOf(TOKENS[3]!), '--yes', '--format', 'json', '--journal', journal],
    ['apply', plan, '--yes', '--journal', journal, '--report', `sarif=${join(dir, 'r.sarif')}`],
    ['resume', journal, '--yes'],
    ['audit', 'verify', journal],
    ['report', report, '--format', 'markdown'],
  );
  await see(world, ['tokens', 'probe', '-'], { stdin: TOKENS.join('\n') });
  await see(world, ['tokens', 'probe', '-', '--format', 'json'], { stdin: TOKENS.join('\n') });
  for (const format of ['text', 'sarif', 'csv', 'markdown', 'github'])
    await see(world, ['scan', '--revoke', '--yes', '--verbose', '--format', format, '-'], {
      stdin: TOKENS[4]!,
    });
  // These hand a token over on standard output, which is asked for; the rest of what they say may not hold it.
  await see(world, ['tokens', 'issue', 'handed-over'], { prints: true });
  await see(world, ['tokens', 'issue', 'handed-over', '--format', 'json'], { prints: true });
  await see(world, ['rotate', world.idOf(TOKENS[5]!), '--yes'], { prints: true });

  expect(world.service.tokens().length).toBeGreaterThan(TOKENS.length + 5);
  expect(readFileSync(npmrc, 'utf8')).toMatch(/tg_org_/);
  nothingShown(world, ['delivered/.npmrc', 'delivered.token', 'leak.log']);
}, 600_000);

test('what a command that takes the new token sees of the run', async () => {
  const world = await prepared();
  const { dir } = world;
  const spy = `env > ${dir}/child-env; tr '\\0' ' ' < /proc/$PPID/cmdline > ${dir}/parent-args; tr '\\0' ' ' < /proc/$$/cmdline > ${dir}/child-args; cat > ${dir}/delivered.token`;
  await see(world, ['rotate', world.idOf(TOKENS[0]!), '--yes', '--to-command', spy]);
  const given = readFileSync(join(dir, 'child-env'), 'utf8');
  expect(given).toMatch(/^GUARDSWEEP_USER_IDENTIFIER=user-0$/m);
  expect(given).not.toMatch(/TAKUMI_BOT/);
  nothingShown(world, ['delivered.token', 'leak.log']);
});

test('the commands that act, where everything goes wrong and the service repeats what it was sent', async () => {
  const echo = `${TOKENS.join(' ')} `;
  const bodies: Record<string, Partial<FaultRule>> = {
    'says no': { status: 400 },
    'says that it failed': { status: 501 },
    'answers something else': { status: 200 },
  };
  const cases = Object.entries(bodies).flatMap(([name, fault]) =>
    (['list', 'probe', 'issue', 'revoke'] as const).map((endpoint) => ({ name, fault, endpoint })),
  );
  const suffer = async ({ name, fault, endpoint }: (typeof cases)[number]) => {
    const body = { error: { code: echo, message: `${echo}KEY` }, token_id: echo, status: echo };
    const world = await prepared([{ endpoint, ...fault, body }]);
    const { dir, leak } = world;
    const journal = join(dir, 'journal.jsonl');
    const calls = [
      ['scan', '--revoke', '--yes', '--verbose', '--verify-for', '1s', '--journal', journal, leak],
      ['tokens', 'revoke', world.idOf(TOKENS[2]!), '--yes'],
      ...(endpoint === 'issue' ? [['onboard', 'new', '--write-to', join(dir, '.npmrc')]] : []),
      ...(endpoint === 'issue' ? [['tokens', 'issue', 'new']] : []),
      ...(endpoint === 'list' ? [['doctor'], ['tokens', 'list'], ['offboard', 'user-1', '--yes']] : []),
    ];
    if (endpoint === 'revoke') {
      // Whether a revocation took effect is watched for seconds, of each token: processes wait beside each other.
      writeFileSync(leak, `login ${TOKENS[0]}\n`);
      await Promise.all(calls.map((args) => see(world, args, { env: { GUARDSWEEP_TRACE: '1' } })));
    } else for (const args of calls) await seeHere(world, args);
    nothingShown(world, ['leak.log'], `${endpoint} ${name}`);
  };
  const [waiting, others] = [true, false].map((long) =>
    cases.filter(({ endpoint }) => (endpoint === 'revoke') === long),
  );
  const all = Promise.all(waiting!.map(suffer));
  for (const each of others!) await suffer(each);
  await all;
}, 600_000);

test('a wrong credential, half of one, and a token where none belongs', async () => {
  const world = await prepared();
  const { dir, leak, env } = world;
  const other = botKey('canary wrong');
  const key = join(dir, 'key');
  for (const wrong of [
    { TAKUMI_BOT_API_KEY: other },
    { TAKUMI_BOT_ID: '' },
    { TAKUMI_BOT_API_KEY: `${other}:BT01OTHER` },
    { TAKUMI_BOT_API_KEY: env.TAKUMI_BOT_ID!, TAKUMI_BOT_ID: env.TAKUMI_BOT_API_KEY! },
    { TAKUMI_API_URL: `https://x:${other}@api.example.com/v1` },
    { HTTPS_PROXY: `proxy ${other}` },
    { TAKUMI_BOT_API_KEY: '', TAKUMI_BOT_API_KEY_FILE: key },
  ]) {
    for (const args of [['tokens', 'list'], ['scan', leak], ['doctor'], ['rotate', 'T1', '--yes']])
      await seeHere(world, args, wrong);
  }
  const [token] = TOKENS;
  for (const args of [
    ['rotate', token!, '--yes'],
    ['tokens', 'revoke', token!, '--yes'],
    ['tokens', 'probe', token!],
    ['tokens', 'issue', token!],
    ['offboard', token!, '--yes'],
    ['onboard', token!, '--write-to', join(dir, 'x')],
    ['scan', token!],
    ['tokens', 'list', `--user=${token}`],
    ['scan', `${env.TAKUMI_BOT_API_KEY}:${env.TAKUMI_BOT_ID}`],
  ]) {
    const ended = await seeHere(world, args);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/visible to every process/);
  }
  nothingShown(world, ['leak.log'], '', [other]);
}, 600_000);

interface World {
  readonly service: Emulator;
  readonly env: Readonly<Record<string, string>>;
  readonly dir: string;
  readonly leak: string;
  readonly seen: Seen[];
  idOf(token: string): string;
}

async function prepared(faults: readonly FaultRule[] = []): Promise<World> {
  const service = await startEmulator({
    dialect: 'id',
    seed: TOKENS.map((token, at) => ({
      token,
      user_identifier: `user-${at}`,
      status: 'active',
      created_at: '2020-01-01T00:00:00Z',
    })),
  });
  onTestFinished(() => service.close());
  for (const fault of faults) {
    const text = JSON.stringify(fault.body).replace('KEY', `${service.botApiKey}:${service.botId}`);
    service.addFault({ ...fault, body: JSON.parse(text) as unknown });
  }
  const dir = folder();
  const leak = join(dir, 'leak.log');
  writeFileSync(
    leak,
    TOKENS.slice(0, 4)
      .map((token) => `login ${token}\n`)
      .join(''),
  );
  const env = {
    HOME: dir,
    XDG_STATE_HOME: join(dir, 'state'),
    TMPDIR: dir,
    ...environmentOf(service.listening),
  };
  const idOf = (token: string) => service.tokens().find((each) => each.token === token)!.tokenId;
  return { service, env, dir, leak, seen: [], idOf };
}

/** Runs a command and keeps all that it shows: its outputs, and its arguments as the system lists them while it runs. */
async function see(
  { env, seen }: World,
  args: readonly string[],
  call: { env?: Record<string, string>; stdin?: string; prints?: true } = {},
): Promise<Ended> {
  const child = start(args, { env: { ...env, ...call.env } });
  let listed = '';
  const look = setInterval(() => {
    try {
      listed = readFileSync(`/proc/${child.pid}/cmdline`, 'latin1');
    } catch {}
  }, 10);
  child.stdin.on('error', () => {});
  child.stdin.end(call.stdin ?? '');
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    texts.stdout += chunk.toString('latin1');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    texts.stderr += chunk.toString('latin1');
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  clearInterval(look);
  const name = args.map((arg) => arg.slice(0, 24)).join(' ');
  seen.push({ name: `${name}: what it says`, text: texts.stderr });
  if (call.prints !== true) seen.push({ name: `${name}: its output`, text: texts.stdout });
  // What a test gives as an argument on purpose is there.
  if (!args.some((arg) => /tg_org_\w{20}|shisho_apikey_/.test(arg))) {
    seen.push({ name: `${name}: its arguments`, text: listed });
  }
  return { code, ...texts };
}

/** The same in the process of the test, whose arguments are its own. */
async function seeHere(
  { env, seen }: World,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const ended = await guardsweep(args, { env: { ...env, GUARDSWEEP_TRACE: '1', ...more } });
  const name = args.map((arg) => arg.slice(0, 24)).join(' ');
  seen.push({ name, text: ended.stdout + ended.stderr });
  return ended;
}

/** Searches everything that was seen, and every file that was written but for `delivered` ones. */
function nothingShown(
  { service, dir, seen }: World,
  delivered: readonly string[],
  when = '',
  more: readonly string[] = [],
): void {
  const secrets = [
    ...service.tokens().map(({ token }) => token),
    service.botApiKey,
    `${service.botApiKey}:${service.botId}`,
    ...more,
  ];
  const pieces = new Set(secrets.flatMap(piecesOf));
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(dir, name)).isFile() && !delivered.includes(name))
    .map((name) => ({ name: `file ${name}`, text: readFileSync(join(dir, name), 'latin1') }));
  for (const { name, text } of [...seen, ...files]) {
    const shown = windowsOf(text).find((piece) => pieces.has(piece));
    expect(shown, `${when} ${name}`).toBeUndefined();
  }
}

const PIECE = 12;

/** Every twelve characters in a row of a secret's body, and of what a dump of a request would show of it. */
function piecesOf(secret: string): string[] {
  const body = secret.replace(/^(tg_org_|shisho_apikey_)/, '');
  const bytes = Buffer.from(secret);
  const forms = [
    body,
    bytes.toString('hex'),
    ...[0, 1, 2].map((at) => bytes.subarray(at + 14).toString('base64')),
  ];
  return forms.flatMap(windowsOf);
}

function windowsOf(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - PIECE + 1) }, (_, at) => text.slice(at, at + PIECE));
}
