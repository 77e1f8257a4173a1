import type { Command } from 'commander';
import { readPasswords } from './passwords.js';

/** How what is scanned again is read: as the first scan read it. */
export interface ReadingOptions {
  readonly passwordFile?: string;
  readonly deep?: boolean;
}

/** The options of every command that scans again. */
export function reading(command: Command): Command {
  return command
    .option('--password-file <file>', 'passwords to try on what is encrypted, one per line')
    .option('--deep', 'look for compressed streams in every binary file; in archives that is always done');
}

export interface Reading {
  readonly deep: boolean;
  readonly passwords: readonly string[];
}

/** @throws {Misuse} for a password file that can't be read */
export function readingOf({ passwordFile, deep = false }: ReadingOptions): Reading {
  return { deep, passwords: passwordFile === undefined ? [] : readPasswords(passwordFile) };
}
