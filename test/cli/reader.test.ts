import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emulator } from '../support/emulator.js';
import { folder, start } from '../support/program.js';
import { orgToken } from '../support/tokens.js';

test('a reader that stops early is no reason to call a scan clean', async () => {
  const token = orgToken('reader');
  const service = await emulator([{ token, user_identifier: 'alice', status: 'active' }]);
  const file = join(folder(), 'app.log');
  writeFileSync(file, `${token}\n`.repeat(100));
  const child = start(['scan', '--format', 'json', file], { env: service.env });
  child.stdout.destroy();
  const code = await new Promise((done) => child.on('exit', done));
  expect([1, 2]).toContain(code);
});
