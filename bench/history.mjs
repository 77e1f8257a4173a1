// npm run bench:history -- REPO (this one, where none is named): what it costs to search every object of a repository, against what anyone can run on
// the same machine in the same run: git cat-file piped to ripgrep, and git log -p piped to ripgrep. The program is
// measured as a user starts it, from its start to its end. REPO is only read.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const PIPELINE = 'git cat-file --batch-all-objects --batch --unordered --buffer | rg -a -c tg_org_';
const LOG = 'git log -p -U0 --all | rg -a -c tg_org_';
const program = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: String(availableParallelism()) },
    rounds: { type: 'string', default: '3' },
    'log-limit': { type: 'string', default: '600' },
  },
});
const [target = '.'] = positionals;
if (!existsSync(program)) {
  console.error('there is no dist/cli.js: build it first (npm run build)');
  process.exit(3);
}
const repository = resolve(target);
const gitDir = existsSync(join(repository, '.git')) ? join(repository, '.git') : repository;
const home = mkdtempSync(join(tmpdir(), 'guardsweep-bench-'));

try {
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.versions.node}; load before: ${loadavg()[0].toFixed(1)}`,
  );
  // Once unmeasured: whoever reads first would pay for the disk.
  await scan();
  const rounds = Number(values.rounds);
  const own = [];
  const pipeline = [];
  for (let round = 0; round < rounds; round++) {
    own.push(await scan());
    pipeline.push(await shell(PIPELINE));
  }
  const best = (runs) => runs.reduce((least, run) => (run.seconds < least.seconds ? run : least));
  const mine = best(own);
  const rows = [
    [
      `guardsweep scan --threads ${values.threads}`,
      { ...mine, megabytes: Math.max(...own.map((run) => run.megabytes)) },
    ],
    [PIPELINE, best(pipeline)],
  ];
  const limit = Number(values['log-limit']);
  if (limit > 0) rows.push([LOG, await shell(LOG, limit)]);
  console.log(`best of ${rounds}; ratio: guardsweep to the row`);
  for (const [name, { seconds, cpu, megabytes, cut }] of rows) {
    const ratio = (mine.seconds / seconds).toFixed(3);
    const memory = megabytes === undefined ? '' : `, peak ${megabytes} MiB`;
    const open = cut ? ` or less (stopped after ${limit} s)` : '';
    console.log(
      `${seconds.toFixed(2).padStart(8)} s  ${cpu.toFixed(2).padStart(7)} s CPU  ratio ${ratio}${open}${memory}  ${name}`,
    );
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}

function scan() {
  return measure(
    process.execPath,
    [program, 'scan', '--no-progress', '--threads', values.threads, gitDir],
    {},
  );
}

function shell(command, limit = 0) {
  const environment = {
    GIT_DIR: gitDir,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_PAGER: 'cat',
  };
  return measure('sh', ['-c', command], environment, limit);
}

/** Seconds from start to end, of the processors (all that it started), and the peak of its own memory. */
async function measure(command, args, environment, limit = 0) {
  const start = performance.now();
  const script = '"$@"; times >&3';
  const child = spawn('sh', ['-c', script, 'sh', command, ...args], {
    env: { PATH: process.env.PATH, HOME: home, ...environment },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let times = '';
  let peak = 0;
  let cut = false;
  child.stdio[3].on('data', (data) => {
    times += data;
  });
  const watch = setInterval(() => {
    peak = Math.max(peak, ...childrenOf(child.pid).map(peakOf));
  }, 100);
  const timer =
    limit === 0
      ? undefined
      : setTimeout(() => {
          cut = true;
          process.kill(-child.pid, 'SIGKILL');
        }, limit * 1000);
  await new Promise((done) => child.on('close', done));
  clearInterval(watch);
  clearTimeout(timer);
  const seconds = (performance.now() - start) / 1000;
  // The second line is what the children used: `0m1.234s 0m0.567s`.
  const cpu = [...(times.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest),
    0,
  );
  return {
    seconds,
    cpu: cut ? Number.NaN : cpu,
    cut,
    ...(peak === 0 ? {} : { megabytes: Math.round(peak / 1024) }),
  };
}

function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  } catch {
    return [];
  }
}

/** In KiB; 0 where the system doesn't tell. */
function peakOf(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
