import { describe, expect, test } from 'vitest';
import { place, tokensIn } from '../../src/delivery/place.js';
import { orgToken } from '../support/tokens.js';

const OLD = orgToken('old place');
const OTHER = orgToken('other place');
const NEW = orgToken('new place');

describe('a file that holds no token gets one where its format wants it', () => {
  test.each([
    ['.npmrc', '', `registry=https://npm.flatt.tech/\n//npm.flatt.tech/:_authToken=${NEW}\n`],
    [
      '.npmrc',
      'registry=https://npm.flatt.tech/\nsave-exact=true',
      `registry=https://npm.flatt.tech/\nsave-exact=true\n//npm.flatt.tech/:_authToken=${NEW}\n`,
    ],
    [
      '.npmrc',
      '//npm.flatt.tech/:_authToken=$NPM_TOKEN\nregistry=https://npm.flatt.tech/\n',
      `//npm.flatt.tech/:_authToken=${NEW}\nregistry=https://npm.flatt.tech/\n`,
    ],
    [
      '.yarnrc.yml',
      'nodeLinker: node-modules\n',
      `nodeLinker: node-modules\nnpmAuthToken: "${NEW}"\nnpmRegistryServer: "https://npm.flatt.tech/"\n`,
    ],
    [
      '.yarnrc.yml',
      'npmScopes:\n  mine:\n    npmAuthToken: "x"\nnpmRegistryServer: "https://npm.flatt.tech/"\n',
      `npmScopes:\n  mine:\n    npmAuthToken: "x"\nnpmRegistryServer: "https://npm.flatt.tech/"\nnpmAuthToken: "${NEW}"\n`,
    ],
    ['bunfig.toml', '', `[install]\nregistry = { url = "https://npm.flatt.tech/", token = "${NEW}" }\n`],
    [
      'bunfig.toml',
      '[install]\nexact = true\n[run]\nbun = true\n',
      `[install]\nregistry = { url = "https://npm.flatt.tech/", token = "${NEW}" }\nexact = true\n[run]\nbun = true\n`,
    ],
    [
      'bunfig.toml',
      '[install]\nregistry = "https://npm.flatt.tech/"\n',
      `[install]\nregistry = { url = "https://npm.flatt.tech/", token = "${NEW}" }\n`,
    ],
    ['pip.conf', '', `[global]\nindex-url = https://token:${NEW}@pypi.flatt.tech/simple/\n`],
    [
      'pip.conf',
      '[install]\nuser = no\n[global]\ntimeout = 5\n',
      `[install]\nuser = no\n[global]\nindex-url = https://token:${NEW}@pypi.flatt.tech/simple/\ntimeout = 5\n`,
    ],
    [
      'uv.toml',
      'offline = false',
      `offline = false\n[[index]]\nname = "takumi-guard"\nurl = "https://token:${NEW}@pypi.flatt.tech/simple/"\ndefault = true\n`,
    ],
    [
      'uv.toml',
      '[[index]]\nurl = "https://pypi.flatt.tech/simple/"\n',
      `[[index]]\nurl = "https://token:${NEW}@pypi.flatt.tech/simple/"\n`,
    ],
    [
      '.npmrc',
      `//npm.flatt.tech/:_authToken=\${A}\n//npm.flatt.tech/:_authToken = \${B}\n@mine:registry=https://npm.flatt.tech/\n`,
      `//npm.flatt.tech/:_authToken=\${A}\n//npm.flatt.tech/:_authToken=${NEW}\n@mine:registry=https://npm.flatt.tech/\n`,
    ],
    [
      'pip.conf',
      '\xef\xbb\xbf# caf\xe9\r\n[ global ]\r\nINDEX_URL: https://pypi.flatt.tech/simple\r\n',
      `\xef\xbb\xbf# caf\xe9\r\n[ global ]\r\nindex-url = https://token:${NEW}@pypi.flatt.tech/simple/\r\n`,
    ],
    [
      'bunfig.toml',
      '[ install ] # mine\nexact = true',
      `[ install ] # mine\nregistry = { url = "https://npm.flatt.tech/", token = "${NEW}" }\nexact = true`,
    ],
    [
      'bunfig.toml',
      'install.exact = true\n[run]\nbun = true\n',
      `install.registry = { url = "https://npm.flatt.tech/", token = "${NEW}" }\ninstall.exact = true\n[run]\nbun = true\n`,
    ],
    [
      'bunfig.toml',
      '["install"]\n"registry" = {\n  url = "https://npm.flatt.tech", # ours\n  token = "$T" }# c\nx = """\n[install]\n"""\n',
      `["install"]\n"registry" = { url = "https://npm.flatt.tech/", token = "${NEW}" }# c\nx = """\n[install]\n"""\n`,
    ],
    [
      'uv.toml',
      "[[ index ]]\n'url' = 'https://pypi.flatt.tech/simple' # ours\ndefault = true\n",
      `[[ index ]]\n'url' = "https://token:${NEW}@pypi.flatt.tech/simple/" # ours\ndefault = true\n`,
    ],
    [
      'uv.toml',
      'index-url = "https://pypi.flatt.tech/simple"\n',
      `index-url = "https://token:${NEW}@pypi.flatt.tech/simple/"\n`,
    ],
    [
      'pip.conf',
      '[install]\n  index-url =\n    https://pypi.flatt.tech/simple\n  timeout = 5\n',
      `[install]\n  index-url = https://token:${NEW}@pypi.flatt.tech/simple/\n  timeout = 5\n`,
    ],
    [
      '.yarnrc.yml',
      '---\n"npmRegistryServer": >-\n  https://npm.flatt.tech\n\'npmAuthToken\':\n  "$T"\n\nplugins:\n- a # b\n',
      `---\n"npmRegistryServer": >-\n  https://npm.flatt.tech\nnpmAuthToken: "${NEW}"\n\nplugins:\n- a # b\n`,
    ],
    [
      '.npmrc',
      '[other]\nregistry=https://npm.flatt.tech/\n',
      `registry=https://npm.flatt.tech/\n//npm.flatt.tech/:_authToken=${NEW}\n[other]\nregistry=https://npm.flatt.tech/\n`,
    ],
  ])('%s: %j', (name, before, after) => {
    expect(place(before, name, NEW)).toBe(after);
    // Once it is there, the same again changes that token and nothing else.
    expect(place(after, name, OTHER)).toBe(after.replaceAll(NEW, OTHER));
  });
});

describe('a file that holds one keeps everything else of it', () => {
  test('wherever it stands, however often', () => {
    const text = `# mine\r\nA=${OLD}\r\nB="https://token:${OLD}@x/"\r\n`;
    expect(place(text, 'any.cfg', NEW)).toBe(text.replaceAll(OLD, NEW));
  });
  test('but not in comments: they configure nothing', () => {
    const auth = Buffer.from(`me:${OLD}`).toString('base64');
    const text = `  ; ${OLD}\n# _auth=${auth}\na = '# ${OLD}' # ${OTHER}\nb = ${OLD}#x\nc = it's # ${OTHER}\n_auth=${auth}\n`;
    expect(tokensIn(text)).toEqual([OLD]);
    const after = place(text, '.npmrc', NEW);
    expect(tokensIn(after)).toEqual([NEW]);
    expect(after.split(OLD)).toHaveLength(2);
    expect(after.split(OTHER)).toHaveLength(3);
    expect(after).toContain(`# _auth=${auth}\n`);
  });
  test('in npm’s _auth, as base64', () => {
    const text = `//npm.flatt.tech/:_auth=${Buffer.from(`me:${OLD}`).toString('base64')}\n`;
    expect(tokensIn(text)).toEqual([OLD]);
    expect(tokensIn(place(text, '.npmrc', NEW))).toEqual([NEW]);
  });
  test('of several only the one that is named', () => {
    const text = `${OTHER}\n${OLD}\n${OLD}x${OTHER}\n`;
    expect(place(text, '.npmrc', NEW, { old: OLD }).startsWith(`${OTHER}\n${NEW}\n${OLD}x`)).toBe(true);
    expect(() => place(text, '.npmrc', NEW)).toThrow(/different tokens/);
  });
});

test.each([
  ['pip.conf', '[global]\nindex-url = https://pypi.org/simple\n'],
  ['bunfig.toml', '[install]\nregistry = "https://registry.npmjs.org"\n'],
  ['uv.toml', '[[index]]\nurl = "https://example.com/"\ndefault = true\n'],
  ['uv.toml', 'index = [{ url = "https://example.com/" }] # another\n'],
  ['.npmrc', 'registry=https://registry.npmjs.org/\n; registry=https://npm.flatt.tech/\n'],
  ['.yarnrc.yml', 'npmRegistryServer: "https://registry.npmjs.org"\nnpmAuthToken: ""\n'],
  ['bunfig.toml', '[install.registry] # another\nurl = "https://registry.npmjs.org"\n'],
  ['unknown.cfg', ''],
  // Hosts that only begin alike, by plain HTTP, or in a comment.
  ['.npmrc', 'registry=https://npm.flatt.tech.example/\n'],
  ['.npmrc', 'registry=http://npm.flatt.tech/\n'],
  ['.yarnrc.yml', 'npmRegistryServer: https://npm.flatt.tech.example/\n'],
  ['.yarnrc.yml', 'npmRegistryServer: https://example.com/ # https://npm.flatt.tech/\n'],
  ['bunfig.toml', '[install]\nregistry = "https://npm.flatt.tech@example.com/"\n'],
  ['pip.conf', '[global]\nindex-url = https://pypi.flatt.tech.example/simple/\n'],
  ['uv.toml', 'index-url = "https://pypi.flatt.tech.example/simple/"\n'],
  // What would go before the token of all.
  ['pip.conf', '[install]\nindex-url = https://pypi.org/simple\n'],
  ['.yarnrc.yml', '"npmRegistryServer":\n  https://example.com/\n'],
  ['.yarnrc.yml', 'npmRegistries:\n  "//npm.flatt.tech":\n    npmAlwaysAuth: true\n'],
  // What could not be read afterwards.
  ['bunfig.toml', 'install = { exact = true }\n'],
  ['bunfig.toml', 'install.registry.url = "https://npm.flatt.tech/"\n'],
  ['bunfig.toml', '[run\n'],
  ['uv.toml', 'a = [\n'],
  ['uv.toml', 'a =\n'],
  ['uv.toml', '"a\\u0062" = 1\n'],
  ['.yarnrc.yml', '{ nodeLinker: pnp }\n'],
  ['.yarnrc.yml', '  nodeLinker: pnp\n'],
  ['.yarnrc.yml', 'nodeLinker: pnp\n...\n'],
])('%s that configures something else, or cannot be followed, is left as it is: %j', (name, text) => {
  expect(() => place(text, name, NEW)).toThrow(
    /another|not known|as a table|inline table|cannot be followed/,
  );
});

test.each([`${NEW}\nregistry=https://evil.example/`, `${NEW}"`, 'x', `tg_anon_${'a'.repeat(30)}`])(
  'nothing but a token is written: %j',
  (token) => {
    expect(() => place('', '.npmrc', token)).toThrow(/not a tg_org_ token/);
  },
);
