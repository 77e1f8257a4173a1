import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as compare from '../../src/findings/compare.js';
import type { Finding } from '../../src/model/finding.js';
import type { ProbeAnswer, TokenRecord } from '../../src/model/token.js';
import { planRevocations } from '../../src/remediation/policy.js';
import { triage } from '../../src/triage/triage.js';
import { findingFor } from '../support/findings.js';
import { body } from '../support/tokens.js';

/** How many worlds are tried: a million with `npm run prove:plans`. */
const RUNS = Number(process.env.GUARDSWEEP_PLANS ?? 2_000);
const SEED = Number(process.env.GUARDSWEEP_SEED ?? Math.floor(Math.random() * 2 ** 31));
const exchange = { httpStatus: 200, attempts: 1, ms: 0 };

/** Tokens whose last characters collide on purpose. */
const FINDINGS: readonly Finding[] = Array.from({ length: 6 }, (_, index) =>
  findingFor(`tg_org_${body(`neighbour ${index}`, 30)}${['aaaa', 'bbbb'][index % 2]}`),
);
const USERS = ['alice', 'alice-laptop', 'ali', 'Alice', 'ci-main'];

const worlds = fc.record({
  tokens: fc.array(
    fc.record({
      user: fc.constantFrom(...USERS),
      id: fc.constantFrom('T0', 'T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'T8'),
      state: fc.constantFrom('active', 'active', 'active', 'revoked', 'foreign'),
      leaked: fc.boolean(),
      hinted: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  dialect: fc.constantFrom('id', 'identity', 'status'),
  recycled: fc.boolean(),
  own: fc.option(fc.nat(5), { nil: undefined }),
  share: fc.option(fc.constantFrom(0.2, 0.5), { nil: undefined }),
  max: fc.nat(6),
});

test('a truthful service in any dialect: whatever is approved is the very token that leaked', async () => {
  let approved = 0;
  await fc.assert(
    fc.asyncProperty(worlds, async ({ tokens, dialect, recycled, own, share, max }) => {
      // Unless IDs are recycled, every token has its own.
      const world = tokens.map((token, index) => ({
        ...token,
        id: recycled ? token.id : `T${index}`,
        finding: FINDINGS[index]!,
      }));
      const records: TokenRecord[] = world.flatMap(({ id, user, state, hinted }, index) =>
        state === 'foreign'
          ? []
          : [
              {
                tokenId: id,
                userIdentifier: user,
                status: state as TokenRecord['status'],
                ...(hinted ? { hint: ['aaaa', 'bbbb'][index % 2]! } : {}),
              },
            ],
      );
      const probe = async (secret: Finding['secret']): Promise<ProbeAnswer> => {
        const token = world.find(({ finding }) => finding.secret === secret)!;
        if (token.state === 'foreign')
          return { state: dialect === 'id' ? 'foreign' : 'inactive_or_foreign', exchange };
        if (token.state === 'revoked') return { state: 'inactive', exchange };
        return {
          state: 'active',
          exchange,
          ...(dialect === 'id' ? { tokenId: token.id } : {}),
          ...(dialect === 'identity' ? { userIdentifier: token.user } : {}),
        };
      };
      const findings = world.filter(({ leaked }) => leaked).map(({ finding }) => finding);
      const { verdicts, listing } = await triage(findings, {
        inspector: { list: async () => ({ records, exchanges: [exchange] }), probe },
        compare,
        probes: () => true,
        limit: (task) => task(),
        now: () => new Date(0),
      });
      const plan = planRevocations(findings, verdicts, listing.ok ? listing.records : undefined, {
        revocable: () => true,
        maxRevocations: max,
        protectedUsers: ['ci-*'],
        ...(share === undefined ? {} : { maxShare: share }),
        ...(own === undefined
          ? {}
          : {
              own: {
                fingerprints: new Map([[FINDINGS[own]!.fingerprint, ['~/.npmrc']]]),
                tokenIds: new Map<string, string[]>(),
              },
            }),
      });
      expect(plan.revocations.length).toBeLessThanOrEqual(max);
      for (const { finding, tokenId } of plan.revocations) {
        approved += 1;
        const token = world.find((each) => each.finding === finding)!;
        expect(token).toMatchObject({ id: tokenId, state: 'active' });
        expect(token.user).not.toBe('ci-main');
        if (own !== undefined) expect(finding).not.toBe(FINDINGS[own]);
        // A DELETE of this ID must reach this token alone.
        expect(records.filter((record) => record.tokenId === tokenId)).toHaveLength(1);
      }
    }),
    { numRuns: RUNS, seed: SEED },
  );
  process.stdout.write(
    `${RUNS} plans, ${approved} revocations approved, none of a neighbour (seed ${SEED})\n`,
  );
  expect(approved).toBeGreaterThan(RUNS / 20);
}, 3_600_000);
