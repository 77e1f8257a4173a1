import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A repository made by the real git, for tests: no configuration from outside, and the same IDs every time. */
export class TestRepository {
  readonly path: string;
  readonly #home: string;
  #clock = 1_700_000_000;

  constructor(options: { readonly args?: readonly string[]; readonly path?: string } = {}) {
    this.#home = mkdtempSync(join(tmpdir(), 'guardsweep-git-'));
    this.path = options.path ?? join(this.#home, 'repository');
    mkdirSync(this.path, { recursive: true });
    this.git('init', '-q', '-b', 'main', ...(options.args ?? []));
  }

  git(...args: string[]): string {
    return this.gitBytes(args).toString().trimEnd();
  }

  gitBytes(
    args: readonly string[],
    input?: string | Uint8Array,
    environment: Readonly<Record<string, string>> = {},
  ): Buffer {
    this.#clock += 60;
    return execFileSync('git', ['-C', this.path, ...args], {
      input: input ?? '',
      maxBuffer: 1024 ** 3,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        HOME: this.#home,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'Ada Author',
        GIT_AUTHOR_EMAIL: 'ada@example.com',
        GIT_COMMITTER_NAME: 'Carl Committer',
        GIT_COMMITTER_EMAIL: 'carl@example.com',
        GIT_AUTHOR_DATE: `${this.#clock} +0900`,
        GIT_COMMITTER_DATE: `${this.#clock} +0000`,
        GIT_ALLOW_PROTOCOL: 'file',
        LC_ALL: 'C',
        ...environment,
      },
    });
  }

  write(path: string, content: string | Uint8Array): void {
    const file = join(this.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** Stages everything and commits it; gives the ID. */
  commit(message: string, ...args: string[]): string {
    this.git('add', '-A');
    this.git('commit', '-q', '--allow-empty', '-m', message, ...args);
    return this.git('rev-parse', 'HEAD');
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** One that is removed when the test that makes it ends. */
export function temporaryRepository(
  options?: ConstructorParameters<typeof TestRepository>[0],
): TestRepository {
  const repository = new TestRepository(options);
  onTestFinished(() => repository.remove());
  return repository;
}
