// How fast bytes are searched, as ratios to grep and ripgrep on the same machine in the same run. Needs both:
// apt-get install ripgrep grep (or the package manager at hand).
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundled } from './lib/bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache/bench');
const MIB = 1024 ** 2;
const ROUNDS = 5;

for (const tool of ['rg', 'grep']) {
  if (spawnSync(tool, ['--version']).status !== 0) {
    console.error(`this benchmark needs ${tool}: install it (apt-get install ripgrep grep) and run it again`);
    process.exit(3);
  }
}

mkdirSync(cache, { recursive: true });
const detection = await bundled();
const scanner = join(detection.folder, 'scan.mjs');
// A program of its own: start-up, loading and reading are part of what is measured.
writeFileSync(
  scanner,
  `import { openSync, readSync } from 'node:fs';
import { createDetector, RULES } from './detection.mjs';
const session = createDetector(RULES, { simd: process.env.GUARDSWEEP_NO_SIMD !== '1' }).session();
const fd = openSync(process.argv[2]);
let matches = 0;
for (;;) {
  const window = session.window();
  const length = readSync(fd, window, 0, window.length, null);
  if (length === 0) break;
  matches += session.commit(length).length;
}
matches += session.end().length;
console.log(JSON.stringify({ matches, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) }));
`,
);

console.log(
  `${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.version}\n`,
);
// A child counts its parent's memory at the fork as its own peak, so what needs much memory comes last.
files();
tree();
kernels();
rmSync(detection.folder, { recursive: true });

/** The kernels alone, beside what the machine copies. */
function kernels() {
  const table = detection.tableFor(detection.RULES.map((rule) => rule.prefix));
  // Text that does not repeat: what branches a repeated piece takes, the processor learns.
  const text = log(32 * MIB);
  const plain = text.subarray(0, 256 * 1024);
  const prefixes = detection.RULES.map((rule) => rule.prefix);
  const bare = detection.tableOf(detection.literalsOf(prefixes).filter(({ outer }) => outer === 'plain'));
  for (const simd of [true, false]) {
    const prefilter = detection.createPrefilter(table, simd);
    const all = searchRate(prefilter, text);
    print(`kernel, ${prefilter.kind}`, all);
    ratio('to plain prefixes alone (limit 2)', searchRate(detection.createPrefilter(bare, simd), text) / all);
    prefilter.memory.set(plain);
    print(
      `  counting lines`,
      rate(plain.length, () => prefilter.countLines(0, plain.length)),
    );
  }
  const copy = Buffer.alloc(plain.length);
  print(
    'memcpy, in cache',
    rate(plain.length, () => plain.copy(copy)),
  );
  const [from, to] = [Buffer.alloc(512 * MIB, 1), Buffer.alloc(512 * MIB, 2)];
  print(
    'memcpy, out of cache',
    rate(from.length, () => from.copy(to), 3),
  );
  console.log();
}

function files() {
  const gib = made('log-1024', 1024, log);
  const ours = timed(process.execPath, [scanner, gib]);
  const scalar = timed(process.execPath, [scanner, gib], { GUARDSWEEP_NO_SIMD: '1' });
  const grep = timed('grep', ['-c', '-F', 'tg_org_', gib]);
  const rg = timed('rg', ['-c', '-uuu', '-a', '-F', 'tg_org_', gib]);
  const program = join(root, 'dist/cli.js');
  const whole = existsSync(program)
    ? timed(process.execPath, [program, 'scan', gib, '--no-probe', '--quiet', '--no-progress'])
    : undefined;
  const start = timed(process.execPath, ['-e', '0']);
  const row = (name, { seconds, output }) =>
    console.log(
      `${name.padEnd(34)} ${seconds.toFixed(3)} s  ${(1.073741824 / seconds).toFixed(2)} GB/s  ${output}`,
    );
  console.log('one log of 1 GiB, in the page cache; all decoders on; process start included');
  if (whole !== undefined) row('guardsweep scan, the program', { ...whole, output: '' });
  row('guardsweep detection', ours);
  row('guardsweep detection, no SIMD', scalar);
  row('grep -F, one literal', grep);
  row('rg -uuu -a -F, one literal', rg);
  console.log(`${'node alone'.padEnd(34)} ${start.seconds.toFixed(3)} s`);
  if (whole !== undefined) ratio('the program to grep -F (limit 1)', whole.seconds / grep.seconds);
  ratio('detection to grep -F (limit 1)', ours.seconds / grep.seconds);
  ratio('to rg (aim 2)', ours.seconds / rg.seconds);

  const half = timed(process.execPath, [scanner, made('log-512', 512, log)]);
  ratio('1 GiB to 512 MiB (limit 2.1)', ours.seconds / half.seconds);
  const quarter = timed(process.execPath, [scanner, made('log-256', 256, log)]);
  for (const miss of ['tg_org ', 'dGdfb3Jn', 't g _']) {
    const path = made(`miss-${Buffer.from(miss).toString('hex')}`, 256, () =>
      Buffer.from(miss.repeat(MIB / 4)),
    );
    ratio(
      `256 MiB of '${miss}' to 256 MiB of log (limit 3)`,
      timed(process.execPath, [scanner, path]).seconds / quarter.seconds,
    );
  }
  console.log();
}

/** 50,000 small files, by the built program. */
function tree() {
  const program = join(root, 'dist/cli.js');
  if (!existsSync(program)) {
    console.log('tree of 50,000 files: not measured, dist/cli.js is missing (npm run build)');
    return;
  }
  const folder = join(cache, 'tree-50000');
  if (!existsSync(folder)) {
    const text = log(64 * 1024);
    for (let index = 0; index < 50_000; index++) {
      const under = join(folder, String(index % 250));
      mkdirSync(under, { recursive: true });
      writeFileSync(
        join(under, `${index}.txt`),
        text.subarray((index * 977) % 32_000, ((index * 977) % 32_000) + 200 + ((index * 7919) % 8000)),
      );
    }
  }
  const ours = timed(
    process.execPath,
    [program, 'scan', folder, '--no-probe', '--quiet', '--no-progress'],
    {},
    3,
  );
  const rg = timed('rg', ['-c', '-uuu', '-a', '-F', 'tg_org_', folder], {}, 3);
  console.log(
    `tree of 50,000 files: guardsweep scan ${ours.seconds.toFixed(3)} s, rg -uuu -a ${rg.seconds.toFixed(3)} s`,
  );
  ratio('to rg (limit 1.5)', ours.seconds / rg.seconds);
}

/** A service's log: times, levels, IDs, paths, some JSON; no token. */
function log(length) {
  const lines = [];
  let size = 0;
  for (let index = 0; size < length; index++) {
    const mixed = Math.imul(index, 2654435761) >>> 0;
    const time = new Date(1_790_000_000_000 + index * 137).toISOString();
    const id = mixed.toString(16).padStart(8, '0').repeat(2);
    const line =
      index % 7 === 0
        ? `{"time":"${time}","level":"info","trace":"${id}","msg":"request done","path":"/api/v1/orgs/${index % 997}/members","status":200,"ms":${index % 89}}\n`
        : `${time} INFO  [worker-${index % 16}] request_id=${id} GET /packages/${mixed % 100_000}/versions 200 in ${index % 89} ms (cache=${index % 3 === 0 ? 'hit' : 'miss'})\n`;
    lines.push(line);
    size += line.length;
  }
  return Buffer.from(lines.join('').slice(0, length));
}

/** A file of `mebibytes`, made once of pieces that `make` gives; read once, so that it is in the page cache. */
function made(name, mebibytes, make) {
  const path = join(cache, name);
  if (!existsSync(path) || statSync(path).size !== mebibytes * MIB) {
    const piece = Buffer.alloc(16 * MIB, make(16 * MIB));
    const fd = openSync(path, 'w');
    for (let count = 0; count < mebibytes / 16; count++) writeSync(fd, piece);
    closeSync(fd);
  }
  const fd = openSync(path);
  const buffer = Buffer.alloc(MIB);
  while (readSync(fd, buffer) > 0);
  closeSync(fd);
  return path;
}

/** The fastest of several runs: on a shared machine, the one that was disturbed least. */
function timed(command, args, env = {}, rounds = ROUNDS) {
  let seconds = Number.POSITIVE_INFINITY;
  let output = '';
  for (let round = 0; round < rounds; round++) {
    const begun = process.hrtime.bigint();
    const run = spawnSync(command, args, { env: { ...process.env, ...env }, maxBuffer: 64 * MIB });
    seconds = Math.min(seconds, Number(process.hrtime.bigint() - begun) / 1e9);
    output = run.stdout.toString().split('\n')[0].slice(0, 60);
  }
  return { seconds, output };
}

/** GB/s of a kernel over text that it is given piece by piece; filling its memory is not counted. */
function searchRate(prefilter, text, rounds = 5) {
  const size = 256 * 1024;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    let spent = 0;
    for (let at = 0; at < text.length; at += size) {
      prefilter.memory.set(text.subarray(at, at + size));
      const begun = process.hrtime.bigint();
      prefilter.find(0, size, size, () => {});
      spent += Number(process.hrtime.bigint() - begun);
    }
    best = Math.min(best, spent);
  }
  return text.length / best;
}

function rate(bytes, run, rounds = 400) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const begun = process.hrtime.bigint();
    run();
    best = Math.min(best, Number(process.hrtime.bigint() - begun));
  }
  return bytes / best;
}

function print(name, gigabytes) {
  console.log(`${name.padEnd(34)} ${gigabytes.toFixed(2)} GB/s`);
}

function ratio(name, value) {
  console.log(`  ratio ${name.padEnd(48)} ${value.toFixed(2)}`);
}
