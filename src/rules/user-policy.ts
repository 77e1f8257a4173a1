import * as v from 'valibot';
import { Misuse } from '../model/misuse.js';
import { userGlob } from '../model/user-glob.js';

/** What is to be done about a live token: revoke it, put it into a plan for a person, have it rotated, or only say so. */
export type PolicyAction = 'revoke' | 'plan' | 'rotate' | 'notify';

/** All of its conditions have to hold; globs know `*` and `?`. */
export interface PolicyRule {
  readonly user?: string;
  /** Of any place that it was seen in, as reports name them. */
  readonly path?: string;
  readonly confidence?: 'high' | 'low';
  /** Milliseconds since the earliest commit that holds it; one that is in no commit has no age. */
  readonly older_than?: number;
  readonly younger_than?: number;
  readonly do: PolicyAction;
}

/** A user's policy. The first rule that fits decides, `otherwise` where none does. */
export interface UserPolicy {
  readonly max_revocations?: number;
  /** 0 to 1. */
  readonly max_share?: number;
  readonly protect: readonly string[];
  readonly rules: readonly PolicyRule[];
  readonly otherwise: PolicyAction;
}

const Action = v.picklist(['revoke', 'plan', 'rotate', 'notify'], 'is revoke, plan, rotate or notify');
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const Age = v.pipe(
  v.string(),
  v.regex(/^\d+[mhd]$/, 'is a time such as 12h or 30d'),
  v.transform((text) => Number(text.slice(0, -1)) * UNITS[text.at(-1)!]!),
);
const Share = v.pipe(
  v.string(),
  v.regex(/^\d+(\.\d+)?%$/, 'is a share such as 5%'),
  v.transform((text) => Number(text.slice(0, -1)) / 100),
  v.maxValue(1, 'is 100% at most'),
);

function isUserGlob(text: string): boolean {
  try {
    return userGlob(text, '') === text;
  } catch {
    return false;
  }
}

/** Named by the field, as all that is wrong with a policy. */
const UserGlob = v.pipe(
  v.string(),
  v.check(isUserGlob, 'is a glob of users, in which * and ? alone are special (no [ ] { } and !)'),
);

const PolicyFile = v.strictObject({
  max_revocations: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  max_share: v.optional(Share),
  protect: v.optional(v.array(UserGlob), []),
  rules: v.optional(
    v.array(
      v.strictObject({
        user: v.optional(UserGlob),
        path: v.optional(v.string()),
        confidence: v.optional(v.picklist(['high', 'low'])),
        older_than: v.optional(Age),
        younger_than: v.optional(Age),
        do: Action,
      }),
    ),
    [],
  ),
  otherwise: v.optional(Action, 'revoke'),
});

/**
 * Reads a policy: YAML, of which every name is known and every value understood. A misspelt condition would otherwise
 * fit everything.
 *
 * @throws {Misuse} naming the field and what was expected.
 */
export async function readUserPolicy(text: string, name: string): Promise<UserPolicy> {
  const { parse } = await import('./yaml.js');
  let data: unknown;
  try {
    data = parse(text, { logLevel: 'error' });
  } catch (error) {
    throw new Misuse(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const result = v.safeParse(PolicyFile, data);
  if (result.success) return result.output as UserPolicy;
  const [issue] = result.issues;
  throw new Misuse(`${name}: ${v.getDotPath(issue) ?? 'the policy'}: ${saidOf(issue)}`);
}

/** Of fields that there are not, and that are missing, valibot says what only its makers understand. */
function saidOf({ expected, received, message }: v.BaseIssue<unknown>): string {
  if (expected === 'never') return 'there is no such field';
  if (received === 'undefined') return 'it is missing';
  return message;
}
