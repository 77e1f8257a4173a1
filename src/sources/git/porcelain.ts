import { mkdirSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { type SimpleGit, simpleGit } from 'simple-git';
import { Misuse } from '../../model/misuse.js';

/**
 * The only door to a git executable. It is for what a user asks of a repository of their own and for fetching a URL into
 * a fresh folder; nothing that is scanned is ever read through it.
 */

/** What a git process may see of the environment: enough to start, and to reach a server as the user would. */
const PASSED_ON =
  /^(?:PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|SYSTEMROOT|SSH_AUTH_SOCK|SSL_CERT_(?:FILE|DIR)|(?:https?|no|all)_proxy)$/i;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Git said no; its message is for a person. */
export class GitFault extends Misuse {
  override readonly name = 'GitFault';
}

/** The folder that git looks for hooks in, by the user's own configuration (`core.hooksPath`). */
export async function hooksFolder(directory: string, environment?: Environment): Promise<string> {
  const git = gitIn(directory, environment);
  const folder = await attempt(git.revparse(['--git-path', 'hooks']));
  return isAbsolute(folder) ? folder : resolve(directory, folder);
}

/**
 * Clones everything a URL offers into the fresh folder `into`, bare. No configuration from outside is read, no hook or
 * template is there to run, only protocols that start no program of the server's choosing are spoken, and nothing is
 * fetched later: a partial answer stays partial.
 */
export async function cloneBare(url: string, into: string, environment?: Environment): Promise<void> {
  mkdirSync(into, { recursive: true });
  const git = gitIn(into, environment, {
    ...CLEAN,
    GIT_ALLOW_PROTOCOL: 'https:http:ssh:git:file',
    GIT_NO_LAZY_FETCH: '1',
  });
  const settings = [
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'protocol.ext.allow=never',
    'credential.helper=',
    'submodule.recurse=false',
    'fetch.fsckObjects=false',
    'gc.auto=0',
  ];
  const options = settings.flatMap((setting) => ['-c', setting]);
  await attempt(git.raw([...options, 'clone', '--quiet', '--mirror', '--template=', '--', url, '.']));
}

const CLEAN = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
};

/** A repository that the program makes for itself: nothing of the user's configuration reaches it. */
export class OwnRepository {
  readonly #git: SimpleGit;

  private constructor(git: SimpleGit) {
    this.#git = git;
  }

  /** Makes an empty repository at `path`, with a made-up author. */
  static async init(path: string, environment?: Environment): Promise<OwnRepository> {
    mkdirSync(path, { recursive: true });
    const person = { NAME: 'Drill', EMAIL: 'drill@example.com' };
    const git = gitIn(path, environment, {
      ...CLEAN,
      GIT_AUTHOR_NAME: person.NAME,
      GIT_AUTHOR_EMAIL: person.EMAIL,
      GIT_COMMITTER_NAME: person.NAME,
      GIT_COMMITTER_EMAIL: person.EMAIL,
    });
    await attempt(git.raw(['init', '--quiet', '--initial-branch=main', '--template=']));
    return new OwnRepository(git);
  }

  /** Stages everything in the work tree. */
  async add(): Promise<void> {
    await attempt(this.#git.raw(['add', '--all']));
  }

  /** Stages everything and commits it; gives the commit's ID. */
  async commit(message: string): Promise<string> {
    await this.add();
    await attempt(
      this.#git.raw(['commit', '--quiet', '--allow-empty', '--no-verify', `--message=${message}`]),
    );
    return attempt(this.#git.revparse(['HEAD']));
  }

  /** Changes the last commit to what is in the work tree: the old one is left unreachable. */
  async amend(message: string): Promise<string> {
    await this.add();
    await attempt(this.#git.raw(['commit', '--quiet', '--amend', '--no-verify', `--message=${message}`]));
    return attempt(this.#git.revparse(['HEAD']));
  }

  async tag(name: string, message: string): Promise<void> {
    await attempt(this.#git.raw(['tag', '--annotate', `--message=${message}`, '--', name]));
  }

  /** Puts what is not committed aside, untracked files included. */
  async stash(message: string): Promise<void> {
    await attempt(this.#git.raw(['stash', 'push', '--quiet', '--include-untracked', `--message=${message}`]));
  }
}

/**
 * @param environment what git may take from. Without it and without `settings`, git has all of the program's own but what
 *   steers git; with `settings` alone, it is found where the system looks by default.
 * @param settings variables that steer git.
 */
function gitIn(
  directory: string,
  environment: Environment | undefined,
  settings: Readonly<Record<string, string>> = {},
): SimpleGit {
  const git = simpleGit({
    baseDir: directory,
    maxConcurrentProcesses: 1,
    allowEnvironment: Object.keys(settings),
    // What simple-git warns of is what is switched off here, by the same means.
    unsafe: {
      allowUnsafeTemplateDir: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeHooksPath: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeCredentialHelper: true,
    },
  });
  const inherits = environment === undefined && Object.keys(settings).length === 0;
  return inherits ? git : git.env({ ...passedOn(environment ?? {}), ...settings });
}

function passedOn(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && PASSED_ON.test(entry[0]),
    ),
  );
}

async function attempt(call: Promise<string>): Promise<string> {
  try {
    return (await call).trim();
  } catch (error) {
    const said = (error instanceof Error ? error.message : String(error)).trim().replace(/^fatal: /, '');
    const message = said.includes('spawn git ENOENT') ? 'git is not installed, or not on the PATH' : said;
    throw new GitFault(message === '' ? 'git ended without saying why' : message, { cause: error });
  }
}
