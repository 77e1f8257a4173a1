import { existsSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { lockJournal } from '../audit/lock.js';
import { withoutComments } from '../delivery/comments.js';
import { place } from '../delivery/place.js';
import { Misuse } from '../model/misuse.js';
import type { SecretValue } from '../model/secret.js';
import { plaintextOf } from '../takumi/plaintext.js';
import { removeDrafts, writeAtomically } from './atomic-file.js';
import { toCommand } from './deliver-to-command.js';
import { collect } from './repeatable.js';
import { refuseOthers, refuseSpecial } from './replaceable.js';
import { unwritable } from './system-error.js';
import { writeWhole } from './whole-write.js';

export interface DeliveryOptions {
  readonly writeTo: readonly string[];
  readonly toFile?: string;
  readonly toCommand?: string;
  readonly registry?: string;
}

/** Where a new token goes. `places` are the files that it goes to, with what is in force in them now. */
export interface Delivery {
  readonly places: readonly { readonly name: string; readonly text: string }[];
  /** Whether a second token would take the place of the first. */
  readonly single: boolean;
  /** @throws {Misuse} where a token could not be put in place: before there is one. */
  ready(): void;
  deliver(token: SecretValue, userIdentifier: string): Promise<void>;
  /** Gives the right to write to these files back. */
  close(): void;
}

export function delivering(command: Command): Command {
  return command
    .option(
      '--write-to <file>',
      'put it into .npmrc, .yarnrc.yml, bunfig.toml, pip.conf or uv.toml, or in place of the token that another file holds (repeatable)',
      collect,
      [],
    )
    .option('--to-file <file>', 'write it alone to a file that only you can read (0600)')
    .option('--to-command <command>', 'give it to a shell command on its standard input')
    .option(
      '--registry <url>',
      'the registry that a new configuration names (default: Guard’s of that kind)',
    );
}

/** @throws {Misuse} for no or two kinds of places, or where another run is writing to one of them. */
export function openDelivery(options: DeliveryOptions, standardOutput: boolean): Delivery {
  const kinds = [options.writeTo.length > 0, options.toFile !== undefined, options.toCommand !== undefined];
  const named = kinds.filter(Boolean).length;
  if (named > 1) throw new Misuse('give one of --write-to, --to-file and --to-command');
  if (named === 0 && !standardOutput) throw new Misuse('say where the token goes: --write-to FILE');
  const registry = registryOf(options.registry);
  const written = options.toFile === undefined ? options.writeTo : [options.toFile];
  const files = [...new Set(written.map((file) => resolve(file.replace(/^~(?=\/|$)/, homedir()))))];
  if (options.toFile !== undefined) for (const file of files) refuseOthers(file, 'token');
  const locks: (() => void)[] = [];
  const close = () => {
    for (const release of locks) release();
  };
  try {
    for (const file of files) {
      if (existsSync(join(file, '..'))) locks.push(locked(file));
    }
    const before = files.map((file) => ({ name: file, text: textOf(file), isThere: existsSync(file) }));
    return {
      places: before.map(({ name, text }) => ({ name, text: withoutComments(text) })),
      close,
      single: files.length > 0,
      ready: () => {
        if (options.toFile === undefined) textsWith(before, STAND_IN, registry);
      },
      deliver: deliverer(options, before, registry),
    };
  } catch (error) {
    close();
    throw error;
  }
}

function locked(file: string): () => void {
  let release: (() => void) | undefined;
  try {
    refuseSpecial(file);
    release = lockJournal(file);
    removeDrafts(file);
    return release;
  } catch (error) {
    release?.();
    if (error instanceof Misuse) throw error;
    throw unwritable(file, error);
  }
}

/** Of the shape of a token, and none. */
const STAND_IN = `tg_org_${'x'.repeat(40)}`;

/** A file as it is before a token goes to it. */
interface Before {
  readonly name: string;
  readonly text: string;
  readonly isThere: boolean;
}

function deliverer(
  { toFile, toCommand: command }: DeliveryOptions,
  places: readonly Before[],
  registry: URL | undefined,
): Delivery['deliver'] {
  if (toFile !== undefined)
    return async (token) => writeAtomically(places[0]!.name, `${plaintextOf({ token })}\n`);
  if (command !== undefined) return (token, user) => toCommand(command, `${plaintextOf({ token })}\n`, user);
  // A reader that is gone must be a failure here, while the token can still be revoked.
  if (places.length === 0) return async (token) => writeWhole(1, Buffer.from(`${plaintextOf({ token })}\n`));
  return async (token) => writeAll(places, plaintextOf({ token }), registry);
}

/** All of them or none: every text is made before the first file is touched, and a failure puts the others back. */
function writeAll(places: readonly Before[], token: string, registry: URL | undefined): void {
  const texts = textsWith(places, token, registry);
  const written: number[] = [];
  try {
    for (const [index, text] of texts.entries()) {
      const { name, text: before } = places[index]!;
      if (textOf(name) !== before)
        throw new Misuse(`${name} was changed by somebody else meanwhile; run again`);
      writeAtomically(name, Buffer.from(text, 'latin1'));
      written.push(index);
    }
  } catch (error) {
    for (const index of written) restore(places[index]!);
    throw error;
  }
}

function textsWith(places: readonly Before[], token: string, registry: URL | undefined): string[] {
  return places.map(({ name, text }) =>
    place(text, basename(name), token, registry === undefined ? {} : { registry }),
  );
}

function restore({ name, text, isThere }: Before): void {
  if (isThere) writeAtomically(name, Buffer.from(text, 'latin1'));
  else rmSync(name, { force: true });
}

/** A file as its bytes, a character each, so that what is no UTF-8 can be written back as it was; empty where there is none. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '';
    throw new Misuse(`${file} cannot be read (${code})`);
  }
}

function registryOf(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '' || /["'\s]/.test(url.href)) {
    throw new Misuse('--registry takes the URL of a registry, with https:// and without a password');
  }
  return url;
}
