// Scans 1 GiB of logs in a tar.gz, a tar.zst and a zip, against `bsdtar -xOf ARCHIVE | rg -a -c tg_org_`. With names of
// packers (`node bench/archive.mjs xz bzip2 lz4 compress`), a tar of those instead, for which no limit is named; `programs` is
// a tar of Node itself, eight times: bytes that are no text, among which streams are looked for.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache/bench-archive');
const program = join(root, 'dist/cli.js');
const FILES = 16;
const SIZE = 64 * 1024 ** 2;
/** The best of so many counts: with other work on the machine, one round says little. */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const TARGET = 1.1;

const missing = ['bsdtar', 'rg', 'gzip', 'zstd'].filter((tool) => spawnSync(tool, ['--version']).error);
if (missing.length > 0) {
  console.log(`skipped: ${missing.join(', ')} not installed`);
  process.exit(0);
}
mkdirSync(join(cache, 'logs'), { recursive: true });
logs();
const asked = process.argv.slice(2);
const LIMITED = {
  'logs.tar.gz': 'bsdtar -cf - logs | gzip -6',
  'logs.tar.zst': 'bsdtar -cf - logs | zstd -qc -3',
  'logs.zip': 'bsdtar --format=zip -cf - logs',
};
const PROGRAMS = `mkdir -p programs && for copy in 1 2 3 4 5 6 7 8; do cp '${process.execPath}' programs/$copy; done && bsdtar -cf - programs`;
const made =
  asked.length === 0
    ? LIMITED
    : Object.fromEntries(
        asked.map((packer) =>
          packer === 'programs'
            ? ['programs.tar', PROGRAMS]
            : [`logs.tar.${packer}`, `bsdtar -cf - logs | ${packer} -c`],
        ),
      );
for (const [name, command] of Object.entries(made)) {
  const file = join(cache, name);
  if (existsSync(file)) continue;
  execFileSync('sh', ['-c', `${command} > ${name}.part`], { cwd: cache });
  renameSync(`${file}.part`, file);
}
const contestants = Object.keys(made).flatMap((name) => [
  { name, who: 'theirs', command: `bsdtar -xOf ${name} | rg -a -c tg_org_` },
  {
    name,
    who: 'ours',
    command: `${process.execPath} ${program} scan --no-probe --no-progress --quiet ${name}`,
  },
]);
const times = new Map(contestants.map(({ name, who }) => [`${name} ${who}`, []]));
const load = loadavg()[0].toFixed(1);
// In turns, so that what else the machine does hits all alike.
for (let round = 0; round < ROUNDS; round++) {
  for (const { name, who, command } of contestants) times.get(`${name} ${who}`).push(seconds(command));
}
let failed = 0;
for (const name of Object.keys(made)) {
  const [theirs, ours] = ['theirs', 'ours'].map((who) => times.get(`${name} ${who}`).sort((a, b) => a - b));
  const ratio = ours[0] / theirs[0];
  const middle = ours[ROUNDS >> 1] / theirs[ROUNDS >> 1];
  if (name in LIMITED && ratio > TARGET) failed += 1;
  const packed = (statSync(join(cache, name)).size / 1024 ** 2).toFixed(0);
  console.log(
    `${name.padEnd(14)} ${packed} MiB packed: bsdtar and rg ${theirs[0].toFixed(2)} s, guardsweep ${ours[0].toFixed(2)} s, ` +
      `ratio ${ratio.toFixed(2)} (of the medians ${middle.toFixed(2)}${name in LIMITED ? `; at most ${TARGET}` : ''})`,
  );
}
console.log(`the best of ${ROUNDS} each; load ${load} at the start, ${loadavg()[0].toFixed(1)} at the end`);
process.exit(failed === 0 ? 0 : 1);

function seconds(command) {
  const started = process.hrtime.bigint();
  spawnSync('sh', ['-c', command], { cwd: cache, stdio: 'ignore' });
  return Number(process.hrtime.bigint() - started) / 1e9;
}

/** Lines as servers write them; the same ones every time. */
function logs() {
  let state = 5;
  const random = (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const paths = Array.from(
    { length: 200 },
    (_, at) => `/api/v1/${['users', 'orders', 'items'][at % 3]}/${at * 37}`,
  );
  const agents = [
    'curl/8.11.0',
    'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'kube-probe/1.33',
  ];
  for (let number = 0; number < FILES; number++) {
    const file = join(cache, `logs/app-${String(number).padStart(2, '0')}.log`);
    if (existsSync(file)) continue;
    const descriptor = openSync(`${file}.part`, 'w');
    let written = 0;
    for (let line = 0; written < SIZE; ) {
      let block = '';
      for (const end = line + 5000; line < end; line++) {
        const time = new Date(1.7e12 + (number * 1e6 + line) * 137).toISOString();
        block += `${time} 10.${random(4)}.${random(256)}.${random(256)} "GET ${paths[random(200)]} HTTP/1.1" ${random(20) === 0 ? 500 : 200} ${random(90_000)} "${agents[random(3)]}" request_id=${random(2 ** 32).toString(16)}${random(2 ** 32).toString(16)} took=${random(900)}ms\n`;
      }
      written += writeSync(descriptor, block);
    }
    closeSync(descriptor);
    renameSync(`${file}.part`, file);
  }
}
