import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VERSION } from '../src/model/version.js';

const SRC = join(import.meta.dirname, '../src');

/** A source file, its folder under src (its stage) and what it imports. */
interface Module {
  readonly path: string;
  readonly stage: string;
  readonly text: string;
  /** Paths under src for our own, package or `node:` names for the rest; `type` for imports erased at build time. */
  readonly imports: readonly { readonly to: string; readonly type: boolean }[];
}

const STAGES = [
  'rules',
  'sources',
  'detection',
  'findings',
  'takumi',
  'triage',
  'remediation',
  'audit',
  'delivery',
  'reporting',
  'emulator',
];
/** Stage folders by what may import them. `cli` alone starts the emulator. */
const PIPELINE = STAGES.filter((stage) => stage !== 'emulator');

const modules = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map(readModule);

describe('layers', () => {
  rule(
    'model imports nothing but model',
    'the nouns are shared by all, so they can depend on none',
    (module) => (module.stage === 'model' ? importsOutside(module, ['model']) : []),
  );

  rule(
    'stages never import each other',
    'a stage that needs another declares a port; workflows fit them together',
    (module) =>
      STAGES.includes(module.stage)
        ? ownImports(module).filter((to) => ![module.stage, 'model'].includes(stageOf(to)))
        : [],
  );

  rule('only workflows let stages meet', 'one place to read how the pipeline runs', (module) =>
    module.stage === 'workflows'
      ? ownImports(module).filter((to) => !['workflows', 'model', ...PIPELINE].includes(stageOf(to)))
      : [],
  );

  rule('nothing imports cli', 'a command is an end point, never a library', (module) =>
    module.stage === 'cli' ? [] : ownImports(module).filter((to) => stageOf(to) === 'cli'),
  );

  rule('the emulator is called by cli alone', 'production code cannot depend on the fake', (module) =>
    ['cli', 'emulator'].includes(module.stage)
      ? []
      : ownImports(module).filter((to) => stageOf(to) === 'emulator'),
  );

  test('there are no cycles between files: each can be read on its own', () => {
    expect(cycles()).toEqual([]);
  });

  test('no drawer for what has no home: a thing lives with the noun it serves', () => {
    expect(
      modules
        .map((module) => module.path)
        .filter((path) => /(^|\/)(utils?|common|helpers?|shared)\/|(^|\/)types\.ts$/.test(path)),
    ).toEqual([]);
  });
});

describe('one home for each package', () => {
  const HOMES: Record<string, RegExp> = {
    commander: /^cli\//,
    undici: /^takumi\//,
    'simple-git': /^sources\/git\/porcelain\.ts$/,
    'fast-glob': /^sources\/worktree/,
    'p-limit': /^workflows\//,
    yaml: /^rules\//,
  };
  for (const [name, home] of Object.entries(HOMES)) {
    rule(`${name} is imported by ${home.source} only`, 'replacing a library must touch one room', (module) =>
      home.test(module.path) ? [] : module.imports.filter(({ to }) => to === name).map(({ to }) => to),
    );
  }
});

describe('what touches the outside', () => {
  const FILES = ['sources', 'rules', 'audit', 'cli', 'emulator'];
  rule('file system calls are made in few rooms', 'what writes must be easy to audit', (module) =>
    FILES.includes(module.stage)
      ? []
      : module.imports.filter(({ to }) => /^node:fs/.test(to)).map(({ to }) => to),
  );

  rule(
    'no child process is started but through simple-git',
    'running git inside what is scanned executes its configuration',
    // The one exception runs the command that the user typed, to hand a new token to it.
    (module) =>
      module.path === 'cli/deliver-to-command.ts'
        ? []
        : module.imports.filter(({ to }) => to === 'node:child_process').map(({ to }) => to),
  );

  rule(
    'network modules are imported by takumi and the emulator only',
    'one door for what leaves the house',
    (module) =>
      ['takumi', 'emulator'].includes(module.stage)
        ? []
        : module.imports
            .filter(({ to }) => /^node:(https?|net|tls|dgram|http2)$/.test(to))
            .map(({ to }) => to),
  );

  rule(
    'console and process.exit are used in cli only',
    'a library that prints or exits cannot be used',
    (module) =>
      module.stage === 'cli' ? [] : (code(module).match(/\bconsole\.\w+|\bprocess\.exit\b/g) ?? []),
  );

  rule('the environment is read in cli only', 'what configures a run is visible in one place', (module) =>
    ['cli'].includes(module.stage) ? [] : (code(module).match(/\bprocess\.env\b/g) ?? []),
  );
});

describe('secrets', () => {
  test('reveal() is called in findings and takumi only: every way out of SecretValue is listed here', () => {
    const callers = modules
      .filter((module) => /\.reveal\(\)/.test(code(module)))
      .map((module) => module.path);
    expect(callers.filter((path) => !/^(findings|takumi)\//.test(path))).toEqual([]);
  });

  test.each([
    ['ApprovedRevocation', 'remediation/policy.ts'],
    ['ApprovedRow', 'remediation/by-id.ts'],
    ['ApprovedWithdrawal', 'remediation/by-id.ts'],
  ])('%s is made in %s only: what was not approved cannot be revoked', (approved, home) => {
    const made = new RegExp(`\\bas ${approved}\\b|<${approved}>\\{`);
    const makers = modules.filter((module) => made.test(code(module))).map((module) => module.path);
    expect(makers).toEqual([home]);
  });

  rule('the hook has no road to revocation', 'a commit must never kill a token', (module) =>
    module.path === 'cli/hook.ts'
      ? reachable(module.path).filter((path) => /^(remediation|takumi|triage)\//.test(path))
      : [],
  );
});

test('the version in the code is the version of the package', () => {
  const manifest = JSON.parse(readFileSync(join(SRC, '../package.json'), 'utf8')) as { version: string };
  expect(VERSION).toBe(manifest.version);
});

function rule(name: string, reason: string, violations: (module: Module) => readonly string[]): void {
  test(`${name}: ${reason}`, () => {
    expect(modules.flatMap((module) => violations(module).map((what) => `${module.path} → ${what}`))).toEqual(
      [],
    );
  });
}

function readModule(path: string): Module {
  const text = readFileSync(join(SRC, path), 'utf8');
  const imports = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|\bimport\('([^']+)'\)|(?:^|\n)import\s+'([^']+)'/g,
    ),
  ].map((match) => ({
    to: resolve(path, (match[2] ?? match[3] ?? match[4])!),
    type: match[1] !== undefined,
  }));
  return { path, stage: stageOf(path), text, imports };
}

function resolve(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return relative(SRC, normalize(join(SRC, dirname(from), specifier))).replace(/\.js$/, '.ts');
}

function stageOf(path: string): string {
  return path.split('/')[0]!;
}

function ownImports(module: Module): string[] {
  return module.imports.map(({ to }) => to).filter((to) => to.endsWith('.ts'));
}

function importsOutside(module: Module, stages: readonly string[]): string[] {
  return module.imports.map(({ to }) => to).filter((to) => !stages.includes(stageOf(to)));
}

/** The text without comments, so that a rule does not trip over what is said of it. */
function code(module: Module): string {
  return module.text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/[^\n]*/g, '');
}

/** Every file that `path` imports for its values, directly or not. */
function reachable(path: string, seen = new Set<string>()): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  const module = modules.find((candidate) => candidate.path === path);
  for (const { to, type } of module?.imports ?? []) if (!type) reachable(to, seen);
  return [...seen];
}

function cycles(): string[] {
  return modules
    .filter((module) =>
      module.imports.some(
        ({ to, type }) => !type && to !== module.path && reachable(to).includes(module.path),
      ),
    )
    .map((module) => module.path);
}
