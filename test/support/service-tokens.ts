import type { RunningEmulator } from './emulator.js';
import { guardsweep } from './in-process.js';

/** `active` or `dead` of each token, by a probe. */
export async function probe(service: RunningEmulator, tokens: readonly string[]): Promise<string[]> {
  const rows = await json<{ state: string }>(service, ['probe'], tokens.join('\n'));
  return rows.map(({ state }) => (state === 'active' ? state : 'dead'));
}

/** The ID of a token, by a probe that tells it. */
export async function idOf(service: RunningEmulator, token: string): Promise<string> {
  const [row] = await json<{ token_id: string }>(service, ['probe'], token);
  return row!.token_id;
}

/** The IDs of exactly this user's tokens, by the list. */
export async function idsOf(service: RunningEmulator, user: string): Promise<string[]> {
  const rows = await json<{ token_id: string }>(service, ['list', '--user', user]);
  return rows.map((row) => row.token_id);
}

/** The users of all active tokens, by the list. */
export async function alive(service: RunningEmulator): Promise<string[]> {
  const rows = await json<{ user_identifier: string }>(service, ['list', '--status', 'active']);
  return rows.map((row) => row.user_identifier).sort();
}

/** The paths of the revocations that the service was asked for. */
export async function deleted(service: RunningEmulator): Promise<string[]> {
  return (await service.log()).filter(({ method }) => method === 'DELETE').map(({ path }) => path);
}

async function json<T>(service: RunningEmulator, args: readonly string[], stdin = ''): Promise<T[]> {
  const ended = await guardsweep(['tokens', ...args, '--format', 'json'], { env: service.env, stdin });
  return JSON.parse(ended.stdout) as T[];
}
