import { expect, test } from 'vitest';
import type { Finding } from '../../src/model/finding.js';
import type { SecretValue } from '../../src/model/secret.js';
import type { ProbeAnswer } from '../../src/model/token.js';
import type { Verdict } from '../../src/model/verdict.js';
import { FollowProbes } from '../../src/workflows/follow-probes.js';
import { findingFor } from '../support/findings.js';
import { pause } from '../support/following.js';
import { orgToken } from '../support/tokens.js';

const exchange = { attempts: 1, ms: 1, httpStatus: 200 };
const rule = 'tg_org';

/** A service that knows one token of Alice's, and counts what it is asked. */
function service(answers: (probe: number) => ProbeAnswer) {
  const asked = { lists: 0, probes: 0 };
  return {
    asked,
    list: async () => {
      asked.lists += 1;
      return {
        records: [{ tokenId: 't1', userIdentifier: 'alice', status: 'active' as const }],
        exchanges: [exchange],
      };
    },
    probe: async (_: SecretValue) => answers(asked.probes++),
  };
}

function probing(inspector: ReturnType<typeof service>) {
  const verdicts: [string, Verdict][] = [];
  const ending = new AbortController();
  const probes = new FollowProbes({
    service: inspector,
    low: () => false,
    onVerdict: (finding, verdict) => verdicts.push([finding.fingerprint, verdict]),
    ending: ending.signal,
  });
  return { probes, verdicts, ending };
}

const ACTIVE: ProbeAnswer = { state: 'active', userIdentifier: 'alice', exchange };

function found(seed: string, confidence: 'high' | 'low' = 'high'): Finding {
  return findingFor(orgToken(seed), undefined, { rule, confidence });
}

test('a token is asked about once, and in the end by the same answer and the same time', async () => {
  const inspector = service(() => ACTIVE);
  const { probes, verdicts, ending } = probing(inspector);
  const finding = found('a');
  probes.add(finding);
  await pause(30);
  expect(verdicts).toMatchObject([[finding.fingerprint, { state: 'active', tokenId: 't1' }]]);
  ending.abort();
  const lists = inspector.asked.lists;
  const final = (await probes.finish([finding])).get(finding.fingerprint)!;
  expect(final).toEqual(verdicts[0]![1]);
  expect(inspector.asked).toEqual({ lists, probes: 1 });
  expect(probes.actions.filter(({ kind }) => kind === 'probe')).toHaveLength(1);
});

test('what the service could not say is asked again at the end, once', async () => {
  const inspector = service((probe) =>
    probe === 0 ? { state: 'unknown', reason: 'timed out', exchange } : ACTIVE,
  );
  const { probes, verdicts, ending } = probing(inspector);
  const finding = found('a');
  probes.add(finding);
  await pause(30);
  expect(verdicts).toMatchObject([[finding.fingerprint, { state: 'unknown' }]]);
  ending.abort();
  expect((await probes.finish([finding])).get(finding.fingerprint)).toMatchObject({ state: 'active' });
  expect(inspector.asked.probes).toBe(2);
});

test('two tokens that would be one are told apart in the end, though they came one after the other', async () => {
  const inspector = service(() => ACTIVE);
  const { probes, ending } = probing(inspector);
  const both = [found('a'), found('b')];
  probes.add(both[0]!);
  await pause(30);
  probes.add(both[1]!);
  ending.abort();
  const verdicts = await probes.finish(both);
  for (const { fingerprint } of both) {
    expect(verdicts.get(fingerprint)).toMatchObject({ state: 'active', candidates: [{ tokenId: 't1' }] });
  }
  expect(inspector.asked.probes).toBe(2);
});

test('leads and other families are left alone', async () => {
  const inspector = service(() => ACTIVE);
  const { probes, verdicts, ending } = probing(inspector);
  const lead = found('lead', 'low');
  probes.add(lead);
  probes.add(findingFor(orgToken('other'), undefined, { rule: 'tg_anon' }));
  await pause(30);
  ending.abort();
  expect((await probes.finish([lead])).get(lead.fingerprint)).toEqual({ state: 'not_probed' });
  expect(verdicts).toEqual([]);
  expect(inspector.asked).toEqual({ lists: 0, probes: 0 });
});
