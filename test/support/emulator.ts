import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { type EmulatorOptions, startEmulator } from '../../src/emulator/emulator.js';
import { folder, start } from './program.js';

export interface Seed {
  readonly token: string;
  readonly user_identifier: string;
  readonly status: 'active' | 'revoked';
  readonly org_id?: string;
}

export interface RunningEmulator {
  readonly url: string;
  readonly org_id: string;
  /** What the environment of a client of it holds. */
  readonly env: Readonly<Record<string, string>>;
  /** Every request it received. */
  log(): Promise<{ method: string; path: string; status: number; body?: unknown }[]>;
}

/** Starts `guardsweep emulator` as a user would, and reads the line that it prints. */
export async function emulator(
  seed: readonly Seed[],
  args: readonly string[] = [],
): Promise<RunningEmulator> {
  const file = join(folder(), 'seed.json');
  writeFileSync(file, JSON.stringify(seed));
  const child = start(['emulator', '--port', '0', '--seed', file, ...args]);
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the emulator ended with ${code}`)));
  });
  return running(JSON.parse(line) as Listening);
}

/** The same here: for tests whose subject is not how it is started. */
export async function emulatorHere(
  seed: readonly Seed[],
  options: Omit<EmulatorOptions, 'seed'> = {},
): Promise<RunningEmulator> {
  const service = await startEmulator({ ...options, seed });
  onTestFinished(() => service.close());
  return running(service.listening);
}

type Listening = Awaited<ReturnType<typeof startEmulator>>['listening'];

/** What the environment of a client of it holds. */
export function environmentOf({ url, org_id, bot_api_key, bot_id }: Listening) {
  return {
    TAKUMI_API_URL: url,
    TAKUMI_ORG_ID: org_id,
    TAKUMI_BOT_API_KEY: bot_api_key,
    TAKUMI_BOT_ID: bot_id,
  };
}

function running(listening: Listening): RunningEmulator {
  const { url, org_id } = listening;
  return {
    url,
    org_id,
    env: environmentOf(listening),
    async log() {
      const answer = await fetch(new URL('/_emulator/log', url));
      return (await answer.json()) as Awaited<ReturnType<RunningEmulator['log']>>;
    },
  };
}
