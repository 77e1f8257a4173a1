import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { lockJournal } from '../../src/audit/lock.js';

type Fs = typeof import('node:fs');
type Call = 'openSync' | 'writeSync' | 'fsyncSync' | 'closeSync' | 'linkSync' | 'readFileSync' | 'rmSync';

/** What is done to the disk, and what happens instead of it or just before. */
const disk = vi.hoisted(() => ({
  calls: [] as string[],
  instead: {} as Partial<Record<Call, (path: string, goOn: () => unknown) => unknown>>,
}));

vi.mock('node:fs', async (original) => {
  const fs = await original<Fs>();
  const names: Call[] = [
    'openSync',
    'writeSync',
    'fsyncSync',
    'closeSync',
    'linkSync',
    'readFileSync',
    'rmSync',
  ];
  const watched = names.map((name) => {
    const real = fs[name] as (...args: unknown[]) => unknown;
    const call = (...args: unknown[]) => {
      disk.calls.push(name);
      const path = String(name === 'linkSync' ? args[1] : args[0]);
      return (disk.instead[name] ?? ((_, goOn) => goOn()))(path, () => real(...args));
    };
    return [name, call];
  });
  return { ...fs, ...Object.fromEntries(watched) };
});
const fs = await vi.importActual<Fs>('node:fs');

let folder: string;
let file: string;
let lock: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'journal.jsonl');
  lock = `${file}.lock`;
  Object.assign(disk, { calls: [], instead: {} });
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true, force: true });
});

const NOBODY = 2 ** 22 + 1;
const locked = (content: unknown, path = lock) => fs.writeFileSync(path, JSON.stringify(content));
const holder = () => JSON.parse(fs.readFileSync(lock, 'utf8')) as { pid: number };
const left = () => fs.readdirSync(folder).map((name) => name.replace('journal.jsonl', ''));
const fail = (code: string) => () => {
  throw Object.assign(new Error(`${code}: injected`), { code });
};
/** Says of this process' stat what `fields` says, from the third on. */
const stat = (fields: string) => {
  disk.instead.readFileSync = (path, goOn) => (path.startsWith('/proc/') ? `7 (a) S (b) ${fields}` : goOn());
};
const STARTED = ['S', ...Array.from({ length: 40 }, (_, at) => at + 4)].join(' ');
const heldBy = (who: string) =>
  `${file} is being written by ${who}. Wait for it to end. If it is not running, remove ${lock}.`;
const refusal = () => {
  try {
    lockJournal(file);
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error('it was locked');
};

describe('a lock that is taken', () => {
  test('says who has it, for nobody else to read, is on disk before it appears, and leaves nothing', () => {
    stat(STARTED);
    const release = lockJournal(file);
    expect(disk.calls.filter((call) => call !== 'readFileSync')).toEqual([
      'openSync',
      'writeSync',
      'fsyncSync',
      'closeSync',
      'linkSync',
      'rmSync',
    ]);
    expect(holder()).toStrictEqual({ pid: process.pid, host: hostname(), started: '22' });
    expect(fs.statSync(lock).mode & 0o777).toBe(0o600);
    expect(left()).toEqual(['.lock']);
    release();
    expect(left()).toEqual([]);
    expect(release, 'also when somebody has removed it').not.toThrow();
  });

  test('without when it began, where that cannot be known', () => {
    disk.instead.readFileSync = fail('ENOENT');
    lockJournal(file);
    expect(holder()).toStrictEqual({ pid: process.pid, host: hostname() });
  });

  test.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP'])('where there are no links (%s)', (code) => {
    disk.instead.linkSync = fail(code);
    const release = lockJournal(file);
    expect(holder()).toMatchObject({ pid: process.pid, host: hostname() });
    expect(left()).toEqual(['.lock']);
    expect(refusal().message).toBe(heldBy(`process ${process.pid} on ${hostname()}`));
    release();
    expect(left()).toEqual([]);
  });

  test('when the one before is released just then', () => {
    locked({ pid: process.pid, host: 'elsewhere' });
    disk.instead.readFileSync = (path, goOn) => {
      fs.rmSync(lock, { force: true });
      disk.instead.readFileSync = (_, next) => next();
      return path === lock ? goOn() : '';
    };
    lockJournal(file);
    expect(holder().pid).toBe(process.pid);
  });
});

describe('a lock that cannot be made', () => {
  test('is told by its cause, and leaves nothing', () => {
    for (const call of ['linkSync', 'writeSync', 'fsyncSync'] as const) {
      disk.instead = { [call]: fail('EIO') };
      disk.calls = [];
      expect(refusal()).toMatchObject({ code: 'EIO' });
      expect(left(), call).toEqual([]);
      const count = (name: Call) => disk.calls.filter((each) => each === name).length;
      expect(count('closeSync'), call).toBe(count('openSync'));
    }
  });

  test('also where there are no links', () => {
    let writes = 0;
    disk.instead = {
      linkSync: fail('EPERM'),
      writeSync: (_, goOn) => (++writes === 2 ? fail('ENOSPC')() : goOn()),
    };
    expect(refusal()).toMatchObject({ code: 'ENOSPC' });
    expect(left()).toEqual([]);
    let opened = 0;
    disk.instead = {
      linkSync: fail('EPERM'),
      openSync: (_, goOn) => (++opened === 2 ? fail('EACCES')() : goOn()),
    };
    expect(refusal()).toMatchObject({ code: 'EACCES' });
  });

  test('because there is no folder', () => {
    file = join(folder, 'missing', 'journal.jsonl');
    expect(refusal()).toMatchObject({ code: 'ENOENT', syscall: 'open' });
  });

  test('because the one there cannot be read', () => {
    locked({ pid: NOBODY, host: hostname() });
    disk.instead.readFileSync = (path, goOn) => (path === lock ? fail('EACCES')() : goOn());
    expect(refusal()).toMatchObject({ code: 'EACCES' });
  });

  test('because it comes and goes: tried twice', () => {
    disk.instead.linkSync = fail('EEXIST');
    const error = refusal();
    expect([error.name, error.message]).toEqual(['JournalLocked', heldBy('another process')]);
    expect(disk.calls.filter((call) => call === 'linkSync')).toHaveLength(2);
  });
});

describe('a lock of somebody', () => {
  test.each([
    ['who is here', { pid: process.pid, host: hostname() }, `process ${process.pid} on ${hostname()}`],
    ['of another machine', { pid: NOBODY, host: 'elsewhere' }, `process ${NOBODY} on elsewhere`],
    ['without a number', { host: hostname() }, 'another process'],
    ['whose number is a text', { pid: `${NOBODY}`, host: hostname() }, 'another process'],
    ['without a machine', { pid: NOBODY }, 'another process'],
    ['who is nothing', null, 'another process'],
  ])('%s holds', (_, content, who) => {
    locked(content);
    expect([refusal().name, refusal().message]).toEqual(['JournalLocked', heldBy(who)]);
    expect(left()).toEqual(['.lock']);
  });

  test.each([
    ['is gone', NOBODY],
    ['can have had no number', 0],
    ['can have had no number', -1],
  ])('who %s does not: %i', (_, pid) => {
    locked({ pid, host: hostname() });
    lockJournal(file);
    expect(holder().pid).toBe(process.pid);
    expect(left()).toEqual(['.lock']);
  });

  test('whom we may not signal holds', () => {
    locked({ pid: NOBODY, host: hostname() });
    vi.spyOn(process, 'kill').mockImplementation(fail('EPERM'));
    expect(refusal().message).toBe(heldBy(`process ${NOBODY} on ${hostname()}`));
  });

  test('is asked for without a signal', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    locked({ pid: NOBODY, host: hostname() });
    refusal();
    expect(kill).toHaveBeenCalledExactlyOnceWith(NOBODY, 0);
  });

  test('whose number is another process’s by now does not hold; where that cannot be known, it does', () => {
    const mine = { pid: process.pid, host: hostname() };
    stat(STARTED);
    locked({ ...mine, started: '22' });
    refusal();
    locked(mine);
    refusal();
    locked({ ...mine, started: '21' });
    lockJournal(file);
    expect(holder()).toMatchObject({ started: '22' });
    stat('S 4');
    locked({ ...mine, started: '21' });
    refusal();
  });

  test('who wrote nothing into it holds for ten seconds', () => {
    fs.writeFileSync(lock, '');
    const made = fs.statSync(lock).mtimeMs;
    const now = vi.spyOn(Date, 'now').mockReturnValue(made + 10_000);
    expect(refusal().message).toBe(heldBy('another process'));
    now.mockReturnValue(made + 10_001);
    lockJournal(file);
    expect(holder().pid).toBe(process.pid);
  });

  test('who wrote nothing into it, and let go just then', () => {
    fs.writeFileSync(lock, '');
    disk.instead.readFileSync = (path, goOn) => {
      const text = goOn();
      if (path === lock) fs.rmSync(lock);
      return text;
    };
    expect(refusal().message).toBe(heldBy('another process'));
  });
});

describe('two that find the same dead lock', () => {
  const breaking = () => `${lock}.breaking`;
  beforeEach(() => locked({ pid: NOBODY, host: hostname() }));

  test('only one removes it', () => {
    locked({}, breaking());
    const made = fs.statSync(breaking()).mtimeMs;
    const now = vi.spyOn(Date, 'now').mockReturnValue(made + 10_000);
    const error = refusal();
    expect([error.name, error.message]).toEqual(['JournalLocked', heldBy('another process')]);
    now.mockReturnValue(made + 10_001);
    const crashed = refusal();
    expect([crashed.name, crashed.message]).toEqual([
      'JournalLocked',
      `${file}: a crash left ${breaking()} behind. Make sure that no guardsweep is running, then remove it.`,
    ]);
    expect(left()).toEqual(['.lock', '.lock.breaking']);
  });

  /** What happens at the moment when the right to remove it was taken. */
  const meanwhile = (happens: () => void) => {
    disk.instead.linkSync = (path, goOn) => {
      goOn();
      if (path === breaking()) happens();
    };
  };

  test.each([
    [
      'somebody who is here',
      { pid: process.pid, host: hostname() },
      `process ${process.pid} on ${hostname()}`,
    ],
    ['somebody who cannot be read', {}, 'another process'],
  ])('it is looked at again: meanwhile it is of %s', (_, content, who) => {
    meanwhile(() => locked(content));
    expect(refusal().message).toBe(heldBy(who));
    expect(JSON.parse(fs.readFileSync(lock, 'utf8'))).toEqual(content);
    expect(left()).toEqual(['.lock']);
  });

  test('meanwhile it is gone, and so is all that was to be removed', () => {
    meanwhile(() => {
      fs.rmSync(lock);
      fs.rmSync(breaking());
    });
    lockJournal(file);
    expect(holder().pid).toBe(process.pid);
  });

  test('it goes while it is removed', () => {
    disk.instead.rmSync = (path, goOn) => {
      if (path === lock) fs.rmSync(lock);
      goOn();
    };
    lockJournal(file);
    expect(holder().pid).toBe(process.pid);
  });

  test('the right to remove it is given up before it is asked who removes it', () => {
    disk.instead.linkSync = (path, goOn) => {
      if (path !== breaking()) return goOn();
      return fail('EEXIST')();
    };
    expect(refusal().message, 'it let go between the two looks').toBe(heldBy('another process'));
  });
});
