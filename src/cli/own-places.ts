import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { OwnPlace } from '../workflows/own.js';
import { environment } from './environment.js';

/**
 * A configuration file that package managers read: the variable that may name it, or the folder that holds it as
 * `inside`, and where it lies otherwise.
 */
const FILES: readonly { readonly variable?: string; readonly inside?: string; readonly path?: string }[] = [
  { variable: 'NPM_CONFIG_USERCONFIG', path: '~/.npmrc' },
  { variable: 'npm_config_userconfig' },
  { variable: 'NPM_CONFIG_GLOBALCONFIG', path: '/etc/npmrc' },
  { variable: 'NPM_CONFIG_PREFIX', inside: 'etc/npmrc', path: '/usr/local/etc/npmrc' },
  { path: '$XDG_CONFIG_HOME/pnpm/rc' },
  { path: '~/Library/Preferences/pnpm/rc' },
  { path: '~/.yarnrc.yml' },
  { path: '~/.yarnrc' },
  { path: '~/.bunfig.toml' },
  { path: '$XDG_CONFIG_HOME/.bunfig.toml' },
  { variable: 'PIP_CONFIG_FILE', path: '$XDG_CONFIG_HOME/pip/pip.conf' },
  { path: '~/.pip/pip.conf' },
  { path: '~/Library/Application Support/pip/pip.conf' },
  { path: '/etc/pip.conf' },
  { variable: 'VIRTUAL_ENV', inside: 'pip.conf' },
  { path: '$XDG_CONFIG_HOME/pdm/config.toml' },
  { variable: 'UV_CONFIG_FILE', path: '$XDG_CONFIG_HOME/uv/uv.toml' },
  { path: '/etc/uv/uv.toml' },
  {
    variable: 'UV_CREDENTIALS_DIR',
    inside: 'credentials.toml',
    path: '~/.local/share/uv/credentials/credentials.toml',
  },
  { variable: 'POETRY_CONFIG_DIR', inside: 'auth.toml', path: '$XDG_CONFIG_HOME/pypoetry/auth.toml' },
  { path: '~/.pypirc' },
  { variable: 'NETRC', path: '~/.netrc' },
  { variable: 'BUNDLE_USER_CONFIG', path: '~/.bundle/config' },
  { variable: 'BUNDLE_APP_CONFIG', inside: 'config' },
  { path: '~/.gem/credentials' },
  { path: '~/.gemrc' },
  { variable: 'COMPOSER_AUTH_FILE', path: '$XDG_CONFIG_HOME/composer/auth.json' },
  { variable: 'COMPOSER_HOME', inside: 'auth.json', path: '~/.composer/auth.json' },
  { variable: 'GOENV', path: '$XDG_CONFIG_HOME/go/env' },
  { variable: 'DOCKER_CONFIG', inside: 'config.json', path: '~/.docker/config.json' },
  // What a step of a job hands to the next ones.
  { variable: 'GITHUB_ENV' },
  { variable: 'GITHUB_OUTPUT' },
  { variable: 'GITHUB_STATE' },
  { variable: 'BASH_ENV' },
];

/** A configuration file of a package manager is never larger; what is was put there for another reason. */
const LARGEST = 1024 * 1024;

/**
 * Whatever the job that runs this program takes tokens from: every variable of its environment, and the user's own
 * configuration of package managers. Nothing of the working directory: that may be what leaked.
 */
export function ownPlaces(): OwnPlace[] {
  return [...variables(), ...files()];
}

function variables(): OwnPlace[] {
  const places = Object.entries(environment).flatMap(([name, text]) =>
    text === undefined || text === '' ? [] : [{ name: `the variable ${name}`, text }],
  );
  const { TAKUMI_BOT_API_KEY: key, TAKUMI_BOT_API_KEY_FILE: file, TAKUMI_BOT_ID: bot } = environment;
  const pair = (name: string, text: string): OwnPlace => ({
    name,
    // A leak shows the key alone or with its bot; both are this one.
    text: `${text.trim()}\n${text.trim().split(':')[0]}:${bot ?? ''}\n`,
  });
  if (key) places.push(pair('the variable TAKUMI_BOT_API_KEY', key));
  const text = file ? contentOf(file) : undefined;
  if (file && text !== undefined) places.push(pair(file, text));
  return places;
}

function files(): OwnPlace[] {
  const names = new Set<string>();
  for (const { variable, inside, path } of FILES) {
    const named = variable === undefined ? undefined : environment[variable];
    if (named) names.add(inside === undefined ? named : join(named, inside));
    else if (path !== undefined) names.add(expanded(path));
  }
  return [...names].flatMap((name) => {
    const text = contentOf(name);
    return text === undefined ? [] : [{ name, text }];
  });
}

function expanded(path: string): string {
  const home = homedir();
  return path
    .replace('$XDG_CONFIG_HOME', environment.XDG_CONFIG_HOME || join(home, '.config'))
    .replace(/^~/, home);
}

/** What can't be read can't be used by the job either. */
function contentOf(path: string): string | undefined {
  try {
    const { size } = statSync(path);
    return size > LARGEST || !statSync(path).isFile() ? undefined : readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
