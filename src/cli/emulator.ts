import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { Misuse } from '../model/misuse.js';
import { count } from './numbers.js';
import type { Finish } from './program.js';

interface EmulatorOptions {
  readonly port: number;
  readonly seed?: string;
  readonly dialect: 'id' | 'identity' | 'status';
  readonly listHints?: boolean;
  readonly paging: 'cursor' | 'link' | 'none';
  readonly faults?: string;
}

const EXPLAINED = `
Prints one JSON line when it listens: {"url","org_id","bot_api_key","bot_id"}. It forgets everything when it ends.

Faults are a JSON array of rules; the first that picks a request decides. Each may name
  which requests   endpoint (issue, list, probe, revoke), method, path (a part of it), nth (3 or [1, 2]; all if absent)
  the answer       status, body, html, redirect, retry_after, headers, truncate, reset, delay_ms
  what is done     when ("before" or "after" the service obeys), meanwhile ({"issue": USER} or {"revoke": TOKEN_ID})

Examples:
  guardsweep emulator --port 4010 --dialect id
  echo '[{"endpoint": "revoke", "nth": 1, "status": 503, "when": "after"}]' > faults.json
  guardsweep emulator --faults faults.json`;

export function emulatorCommand(finish: Finish): Command {
  return new Command('emulator')
    .description('A working fake of the service on loopback, for practice and for tests.')
    .option('--port <n>', 'where to listen; 0 for any free port', count('--port'), 0)
    .option('--seed <file>', 'JSON: [{"token","user_identifier","status"}, …]')
    .addOption(
      new Option('--dialect <dialect>', 'what a probe reveals')
        .choices(['id', 'identity', 'status'])
        .default('identity'),
    )
    .option('--list-hints', 'list rows show the last 4 characters of their token')
    .addOption(
      new Option('--paging <paging>', 'how lists are paged')
        .choices(['cursor', 'link', 'none'])
        .default('cursor'),
    )
    .option('--faults <file>', 'JSON: how and when to misbehave')
    .addHelpText('after', EXPLAINED)
    .action(async (options: EmulatorOptions) => {
      const { startEmulator } = await import('../emulator/emulator.js');
      const emulator = await startEmulator({
        port: options.port,
        dialect: options.dialect,
        listHints: options.listHints ?? false,
        paging: options.paging,
        ...(options.seed === undefined ? {} : { seed: jsonOf(options.seed) }),
        ...(options.faults === undefined ? {} : { faults: jsonOf(options.faults) }),
      });
      process.stdout.write(`${JSON.stringify(emulator.listening)}
`);
      await new Promise<void>((done) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
      });
      await emulator.close();
      finish(0);
    });
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Misuse(
      `${path} cannot be read as JSON: ${error instanceof SyntaxError ? 'it is not JSON' : (error as NodeJS.ErrnoException).code}`,
    );
  }
}
