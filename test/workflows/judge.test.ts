import { expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import { FindingSet } from '../../src/findings/merge.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { isProbed, judge } from '../../src/workflows/judge.js';
import { orgToken } from '../support/tokens.js';

const token = orgToken('joined', 40);
const exchange = { httpStatus: 200, attempts: 1, ms: 1 };

test('a token that something is joined to is probed as it is, without being asked for low findings', async () => {
  const found = findingsIn(`guard-${token}-old.cache\ntg_org_members_updated_at \n`);
  const asked: string[] = [];
  const { verdicts } = await judge(
    found,
    {
      list: async () => ({ records: [], exchanges: [exchange] }),
      probe: async (secret) => {
        asked.push(secret.reveal());
        return secret.reveal() === token
          ? { state: 'active', exchange }
          : { state: 'inactive_or_foreign', exchange };
      },
    },
    { low: () => false },
  );
  expect(asked.sort()).toEqual([token, `${token}-old`]);
  expect([...verdicts.values()].map(({ state }) => state).sort()).toEqual([
    'active',
    'inactive_or_foreign',
    'not_probed',
  ]);
});

test('a lead that was cut short is probed only when asked', () => {
  const [lead] = findingsIn('log: tg_org_A7x9Q2');
  expect(isProbed(lead!, () => false)).toBe(false);
  expect(isProbed(lead!, () => true)).toBe(true);
});

function findingsIn(text: string) {
  const findings = new FindingSet();
  findings.add({ kind: 'stream', name: 'test' }, createDetector(RULES).scan(Buffer.from(text)));
  return findings.findings();
}
