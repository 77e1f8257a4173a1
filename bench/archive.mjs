// Scans 1 GiB of logs in a tar.gz, a tar.zst and a zip, against `bsdtar -xOf ARCHIVE | rg -a -c tg_org_`.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache/bench-archive');
const program = join(root, 'dist/cli.js');
const FILES = 16;
const SIZE = 64 * 1024 ** 2;
const ROUNDS = 3;
const TARGET = 1.1;

const missing = ['bsdtar', 'rg', 'gzip', 'zstd'].filter((tool) => spawnSync(tool, ['--version']).error);
if (missing.length > 0) {
  console.log(`skipped: ${missing.join(', ')} not installed`);
  process.exit(0);
}
mkdirSync(join(cache, 'logs'), { recursive: true });
logs();
const made = {
  'logs.tar.gz': 'bsdtar -cf - logs | gzip -6',
  'logs.tar.zst': 'bsdtar -cf - logs | zstd -qc -3',
  'logs.zip': 'bsdtar --format=zip -cf - logs',
};
let failed = 0;
for (const [name, command] of Object.entries(made)) {
  const file = join(cache, name);
  if (!existsSync(file)) {
    execFileSync('sh', ['-c', `${command} > ${name}.part`], { cwd: cache });
    renameSync(`${file}.part`, file);
  }
  const theirs = `bsdtar -xOf ${name} | rg -a -c tg_org_`;
  const ours = `${process.execPath} ${program} scan --no-probe --no-progress --quiet ${name}`;
  const times = { theirs: [], ours: [] };
  // In turns, so that what else the machine does hits both alike.
  for (let round = 0; round < ROUNDS; round++) {
    times.theirs.push(seconds(theirs));
    times.ours.push(seconds(ours));
  }
  const [their, our] = [Math.min(...times.theirs), Math.min(...times.ours)];
  const ratio = our / their;
  if (ratio > TARGET) failed += 1;
  const packed = (statSync(file).size / 1024 ** 2).toFixed(0);
  console.log(
    `${name.padEnd(14)} ${packed} MiB packed: bsdtar and rg ${their.toFixed(2)} s, guardsweep ${our.toFixed(2)} s, ` +
      `ratio ${ratio.toFixed(2)} (at most ${TARGET})`,
  );
}
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
