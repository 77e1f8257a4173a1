// node bench/history.mjs REPO: what it costs to look at every object of a repository, against what anyone can run:
// git cat-file piped to ripgrep, and git log -p piped to ripgrep. REPO is a bare repository or a folder with a .git.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What each process of the reader runs. */
const READER = `
import { Budget } from './src/model/budget.ts';
import { DiskTree } from './src/sources/disk-tree.ts';
import { RepositorySource } from './src/sources/git/repository-source.ts';
const [root, gitDir, index, of] = process.argv.slice(2);
const OVERLAP = 256;
const tree = new DiskTree(root);
const share = { index: Number(index), of: Number(of) };
const source = new RepositorySource({ tree, gitDir, where: tree.whereOf(gitDir), budget: new Budget(), share });
let objects = 0, bytes = 0, fresh = 0, hits = 0, faults = 0;
for (const item of source.items()) {
  if (item.type === 'diagnostic') { faults++; continue; }
  objects++;
  if (!(item.content instanceof Uint8Array)) continue;
  const content = Buffer.from(item.content.buffer, item.content.byteOffset, item.content.length);
  bytes += content.length;
  const { lineage } = item;
  if (lineage === undefined) {
    search(content, 0, content.length);
    continue;
  }
  let from = -1;
  let to = -1;
  for (const { start, end } of lineage.fresh) {
    if (from >= 0 && start - OVERLAP > to) {
      search(content, from, to);
      from = -1;
    }
    if (from < 0) from = Math.max(0, start - OVERLAP);
    to = Math.min(content.length, end + OVERLAP);
  }
  if (from >= 0) search(content, from, to);
}
function search(content, from, to) {
  fresh += to - from;
  if (content.subarray(from, to).includes('tg_org_')) hits++;
}
process.stdout.write(JSON.stringify({ objects, bytes, fresh, hits, faults, rss: process.resourceUsage().maxRSS }));
`;

const [target, ...flags] = process.argv.slice(2);
if (target === undefined) {
  process.stderr.write('usage: node bench/history.mjs REPO [--threads N] [--no-log] [--no-git]\n');
  process.exit(3);
}
const threads = Number(flags[flags.indexOf('--threads') + 1] ?? 2) || 2;
const repository = resolve(target);
const gitDir = existsSync(join(repository, '.git')) ? '.git' : '';
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'guardsweep-bench-'));

try {
  const rows = [['the reader (every object walked, fresh bytes searched)', await reader()]];
  if (!flags.includes('--no-git')) {
    rows.push([
      'git cat-file --batch-all-objects … | rg',
      shell('cat-file --batch-all-objects --batch --unordered --buffer'),
    ]);
  }
  if (!flags.includes('--no-git') && !flags.includes('--no-log')) {
    rows.push(['git log -p -U0 --all | rg', shell('log -p -U0 --all')]);
  }
  const [, own] = rows[0];
  for (const [name, { seconds, megabytes, note }] of rows) {
    const ratio = (own.seconds / seconds).toFixed(3);
    const memory = megabytes === undefined ? '' : `  ${megabytes} MB`;
    process.stdout.write(
      `${seconds.toFixed(2).padStart(8)} s  reader/this ${ratio}${memory}  ${name}${note ?? ''}\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Walks the database with `threads` processes, each with its share, and looks for the prefix in what is fresh. */
async function reader() {
  const program = join(folder, 'reader.mjs');
  await build({
    stdin: { contents: READER, resolveDir: root, loader: 'js' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
    logLevel: 'warning',
  });
  const start = performance.now();
  const parts = await Promise.all(Array.from({ length: threads }, (_, index) => part(program, index)));
  const seconds = (performance.now() - start) / 1000;
  const sum = (name) => parts.reduce((total, each) => total + each[name], 0);
  const note = `\n           ${sum('objects')} objects, ${(sum('bytes') / 1e9).toFixed(2)} GB whole, ${(sum('fresh') / 1e9).toFixed(2)} GB fresh, ${sum('hits')} fresh stretches with the prefix, ${sum('faults')} diagnostics, ${threads} processes`;
  return { seconds, megabytes: Math.round(sum('rss') / 1e3), note };
}

function part(program, index) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [program, repository, gitDir, `${index}`, `${threads}`]);
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.pipe(process.stderr);
    child.on('close', (code) =>
      code === 0 ? done(JSON.parse(output)) : failed(new Error(`reader ended with ${code}`)),
    );
  });
}

function shell(command) {
  const script = join(folder, 'pipeline.sh');
  writeFileSync(script, `git --git-dir "$1" ${command} | rg -a -c tg_org_ || true\n`);
  const environment = {
    PATH: process.env.PATH,
    HOME: folder,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_PAGER: 'cat',
  };
  const start = performance.now();
  const { stdout } = spawnSync('sh', [script, join(repository, gitDir)], {
    env: environment,
    encoding: 'utf8',
  });
  return { seconds: (performance.now() - start) / 1000, note: `, ${stdout.trim() || 0} lines` };
}
