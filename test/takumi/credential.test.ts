import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readCredential } from '../../src/takumi/credential.js';
import { SettingsError } from '../../src/takumi/settings-error.js';
import { botId, botKey, orgToken } from '../support/tokens.js';

const KEY = botKey('credential');
const ID = botId('credential');
const WHOLE = { TAKUMI_ORG_ID: 'org-1', TAKUMI_BOT_API_KEY: KEY, TAKUMI_BOT_ID: ID };
function noFile(): string {
  throw Object.assign(new Error(`ENOENT ${KEY}`), { code: 'ENOENT' });
}

function refusal(
  environment: Record<string, string | undefined>,
  readText: (path: string) => string = noFile,
): string {
  try {
    readCredential(environment, readText);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    expect(inspect(error)).not.toContain(KEY.slice(14, 40));
    return error.message;
  }
  throw new Error('was not refused');
}

describe('a whole credential', () => {
  test('is read, and its key is hidden', () => {
    const credential = readCredential(WHOLE, noFile);
    expect(credential).toMatchObject({ orgId: 'org-1', botId: ID });
    expect(credential?.key.reveal()).toBe(KEY);
    expect(credential?.apiUrl.href).toBe('https://api.cloud.shisho.dev/v1');
    expect(inspect(credential, { depth: 9, showHidden: true })).not.toContain(KEY.slice(14, 40));
    expect(JSON.stringify(credential)).not.toContain(KEY.slice(14, 40));
  });

  test('comes from a file as well, with its line end', () => {
    const { TAKUMI_BOT_API_KEY: _, ...rest } = WHOLE;
    const credential = readCredential({ ...rest, TAKUMI_BOT_API_KEY_FILE: '/run/key' }, (path) => {
      expect(path).toBe('/run/key');
      return `${KEY}\r\n`;
    });
    expect(credential?.key.reveal()).toBe(KEY);
  });

  test('may be pasted as key and bot ID in one', () => {
    const pasted = { TAKUMI_ORG_ID: 'org-1', TAKUMI_BOT_API_KEY: ` ${KEY}:${ID}\n` };
    expect(readCredential(pasted, noFile)?.key.reveal()).toBe(KEY);
    expect(readCredential({ ...pasted, TAKUMI_BOT_ID: ID }, noFile)?.botId).toBe(ID);
  });
});

test('nothing configured is no error', () => {
  expect(readCredential({}, noFile)).toBeUndefined();
  expect(readCredential({ TAKUMI_API_URL: 'http://127.0.0.1:1/v1' }, noFile)).toBeUndefined();
  expect(
    readCredential({ TAKUMI_ORG_ID: '', TAKUMI_BOT_API_KEY: ' ', TAKUMI_BOT_ID: '' }, noFile),
  ).toBeUndefined();
});

describe('half a credential names what is missing, and only that', () => {
  const variables = ['TAKUMI_ORG_ID', 'TAKUMI_BOT_API_KEY', 'TAKUMI_BOT_ID'] as const;
  test.each([1, 2, 3, 4, 5, 6])('case %i', (bits) => {
    const left = variables.filter((_, at) => (bits >> at) & 1);
    const message = refusal(Object.fromEntries(left.map((name) => [name, WHOLE[name]])));
    const named = message.slice(0, message.indexOf('missing'));
    for (const name of variables) expect(named.includes(name)).toBe(!left.includes(name));
  });
});

test.each([
  ['key and file', { ...WHOLE, TAKUMI_BOT_API_KEY_FILE: '/k' }, 'both set'],
  [
    'another bot behind the colon',
    { ...WHOLE, TAKUMI_BOT_API_KEY: `${KEY}:${botId('x')}` },
    'is not the one',
  ],
  ['two colons', { ...WHOLE, TAKUMI_BOT_API_KEY: `${KEY}:${ID}:x` }, 'one colon'],
  ['Bearer', { ...WHOLE, TAKUMI_BOT_API_KEY: `Bearer ${KEY}` }, '"Bearer"'],
  ['quotes', { ...WHOLE, TAKUMI_BOT_API_KEY: `"${KEY}"` }, 'quotes'],
  ['a line in it', { ...WHOLE, TAKUMI_BOT_API_KEY: `${KEY}\nx-injected: 1` }, 'TAKUMI_BOT_API_KEY holds'],
  ['a Guard token', { ...WHOLE, TAKUMI_BOT_API_KEY: orgToken('x') }, "bot's API key"],
  ['swapped', { ...WHOLE, TAKUMI_BOT_API_KEY: ID, TAKUMI_BOT_ID: KEY }, 'swapped'],
  ['an organization that is a path', { ...WHOLE, TAKUMI_ORG_ID: 'a/../b' }, 'not an address'],
  ['an organization that leads up', { ...WHOLE, TAKUMI_ORG_ID: '..' }, 'not an address'],
  ['unverified TLS', { ...WHOLE, NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'NODE_EXTRA_CA_CERTS'],
  ['plain http', { ...WHOLE, TAKUMI_API_URL: 'http://api.example.test/v1' }, 'https://'],
  [
    'http to what only looks like loopback',
    { ...WHOLE, TAKUMI_API_URL: 'http://127.0.0.1.example.test/' },
    'https://',
  ],
  ['http to all interfaces', { ...WHOLE, TAKUMI_API_URL: 'http://0.0.0.0/v1' }, 'https://'],
  ['a password in the URL', { ...WHOLE, TAKUMI_API_URL: `https://u:${KEY}@api.example.test/` }, 'no user'],
  ['another scheme', { ...WHOLE, TAKUMI_API_URL: 'file:///etc/passwd' }, 'https://'],
  ['no URL', { ...WHOLE, TAKUMI_API_URL: 'api.example.test' }, 'is not a URL'],
])('%s is refused with what to do', (_name, environment, says) => {
  expect(refusal(environment)).toContain(says);
});

test.each([
  ['missing', noFile, 'ENOENT'],
  ['empty', (): string => ' \n', 'empty'],
  ['long', (): string => KEY.repeat(200), 'too long'],
  ['UTF-16', (): string => Buffer.from(`\ufeff${KEY}\r\n`, 'utf16le').toString(), 'UTF-8'],
  ['of two lines', (): string => `${KEY}\n${KEY}`, 'holds spaces'],
] as const)('a key file that is %s is refused by its name', (_name, readText, says) => {
  const message = refusal(
    { TAKUMI_ORG_ID: 'org-1', TAKUMI_BOT_ID: ID, TAKUMI_BOT_API_KEY_FILE: '/run/key' },
    readText,
  );
  expect(message).toContain(says);
});

test.each(['http://127.0.0.1:8080/v1/', 'http://127.1/v1', 'http://[::1]:9/v1', 'http://localhost:1/v1'])(
  'plain http to %s is accepted',
  (url) => {
    expect(readCredential({ ...WHOLE, TAKUMI_API_URL: url }, noFile)?.apiUrl.pathname).toBe('/v1');
  },
);
