import { SecretValue } from '../model/secret.js';
import { DEFAULT_API_URL, parseApiUrl } from './endpoint.js';
import { SettingsError } from './settings-error.js';

const KEY_PREFIX = 'shisho_apikey_';
const LONGEST_FILE = 4096;

/** The variables of a process, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Who asks, for which organization, at which address. The key can't be printed by accident. */
export interface Credential {
  readonly orgId: string;
  readonly botId: string;
  readonly key: SecretValue;
  readonly apiUrl: URL;
}

/**
 * The credential that the environment configures: TAKUMI_ORG_ID, TAKUMI_BOT_API_KEY (or TAKUMI_BOT_API_KEY_FILE),
 * TAKUMI_BOT_ID, TAKUMI_API_URL. Empty counts as unset, as CI systems leave variables empty. A key pasted with its
 * bot's ID behind it (`shisho_apikey_…:BT01…`) is understood.
 *
 * @param readText gives the text of the file at a path.
 * @returns `undefined` when nothing is configured.
 * @throws {SettingsError} when something is, but not all that is needed.
 */
export function readCredential(
  environment: Environment,
  readText: (path: string) => string,
): Credential | undefined {
  const orgId = settingOf(environment, 'TAKUMI_ORG_ID');
  const keyFile = settingOf(environment, 'TAKUMI_BOT_API_KEY_FILE');
  const keyText = settingOf(environment, 'TAKUMI_BOT_API_KEY');
  const namedBot = settingOf(environment, 'TAKUMI_BOT_ID');
  if (orgId === undefined && keyFile === undefined && keyText === undefined && namedBot === undefined) {
    return undefined;
  }
  if (keyFile !== undefined && keyText !== undefined) {
    throw new SettingsError('TAKUMI_BOT_API_KEY and TAKUMI_BOT_API_KEY_FILE are both set; unset one of them');
  }
  const pasted = keyFile === undefined ? keyText : readKeyFile(keyFile, readText);
  const [key, pastedBot] = pasted === undefined ? [undefined, undefined] : splitKey(pasted);
  const botId = namedBot ?? pastedBot;
  if (orgId === undefined || key === undefined || botId === undefined) {
    throw new SettingsError(missing({ orgId, key, botId }));
  }
  if (pastedBot !== undefined && pastedBot !== botId) {
    throw new SettingsError(
      'the bot ID after the colon in TAKUMI_BOT_API_KEY is not the one in TAKUMI_BOT_ID; set the two of one bot',
    );
  }
  checkText('TAKUMI_ORG_ID', orgId);
  checkText('TAKUMI_BOT_ID', botId);
  if (botId.startsWith(KEY_PREFIX) || /^BT01/.test(key)) {
    throw new SettingsError('TAKUMI_BOT_API_KEY and TAKUMI_BOT_ID are swapped: the ID is the one with BT01');
  }
  refuseUnverifiedTls(environment);
  const apiUrl = parseApiUrl(settingOf(environment, 'TAKUMI_API_URL') ?? DEFAULT_API_URL);
  return { orgId, botId, key: new SecretValue(key, prefixLength(key)), apiUrl };
}

function settingOf(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

function readKeyFile(path: string, readText: (path: string) => string): string {
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new SettingsError(`TAKUMI_BOT_API_KEY_FILE names ${path}, which cannot be read (${code})`);
  }
  if (text.length > LONGEST_FILE || text.trim() === '') {
    throw new SettingsError(
      `TAKUMI_BOT_API_KEY_FILE names ${path}, which is ${text.trim() === '' ? 'empty' : 'too long for a key'}; it must hold the key alone`,
    );
  }
  // Editors and PowerShell write UTF-16, which reads as zeros, or as nothing, between the characters.
  if (/[\0\ufffd]/.test(text)) {
    throw new SettingsError(
      `TAKUMI_BOT_API_KEY_FILE names ${path}, which is not UTF-8 text; save it as UTF-8`,
    );
  }
  return text.trim();
}

function splitKey(pasted: string): [key: string, botId: string | undefined] {
  if (/^bearer\s/i.test(pasted)) {
    throw new SettingsError('TAKUMI_BOT_API_KEY begins with "Bearer"; it must hold the key alone');
  }
  if (/^tg_(org|anon)_/.test(pasted)) {
    throw new SettingsError(
      "TAKUMI_BOT_API_KEY holds a Guard token; it needs a bot's API key (console, Settings → Bots)",
    );
  }
  checkText('TAKUMI_BOT_API_KEY', pasted);
  const [key, botId, ...rest] = pasted.split(':');
  if (key === undefined || key === '' || botId === '' || rest.length > 0) {
    throw new SettingsError('TAKUMI_BOT_API_KEY must be a key, or a key, one colon and the ID of its bot');
  }
  return [key, botId];
}

/** Values go into a header and a path: only visible ASCII, and nothing that a URL reads as a way up. */
function checkText(name: string, value: string): void {
  if (!/^[\x21-\x7e]+$/.test(value) || /^["']|["']$/.test(value)) {
    throw new SettingsError(`${name} holds spaces, quotes or other characters that cannot be part of it`);
  }
  if (name === 'TAKUMI_ORG_ID' && (/[/\\?#%]/.test(value) || /^\.{1,2}$/.test(value))) {
    throw new SettingsError('TAKUMI_ORG_ID must be the ID alone, not an address');
  }
}

function missing(have: Readonly<Record<'orgId' | 'key' | 'botId', string | undefined>>): string {
  const names = [
    have.orgId === undefined ? 'TAKUMI_ORG_ID' : undefined,
    have.key === undefined ? 'TAKUMI_BOT_API_KEY (or TAKUMI_BOT_API_KEY_FILE)' : undefined,
    have.botId === undefined ? 'TAKUMI_BOT_ID' : undefined,
  ].filter((name) => name !== undefined);
  return `the credential is incomplete: ${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} missing. Set all three, or none to scan without asking the service`;
}

function refuseUnverifiedTls(environment: Environment): void {
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    throw new SettingsError(
      "NODE_TLS_REJECT_UNAUTHORIZED=0 would send the credential to whoever answers; unset it, and name a company's own CA in NODE_EXTRA_CA_CERTS",
    );
  }
}

/** Keys of another make are accepted, but then nothing of them is known to be harmless. */
function prefixLength(key: string): number {
  return key.startsWith(KEY_PREFIX) ? KEY_PREFIX.length : 0;
}
