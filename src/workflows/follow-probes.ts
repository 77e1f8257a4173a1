import { setTimeout as sleep } from 'node:timers/promises';
import { fingerprint } from '../findings/fingerprint.js';
import type { Finding } from '../model/finding.js';
import type { ActionRecord } from '../model/report.js';
import type { SecretValue } from '../model/secret.js';
import type { ProbeAnswer, TokenList } from '../model/token.js';
import type { Verdict } from '../model/verdict.js';
import { isProbed, judge, type TokenService } from './judge.js';

/** Each round reads the list anew: tokens that come in a burst share one. */
const BETWEEN_ROUNDS_MS = 2_000;

export interface FollowProbesOptions {
  readonly service: TokenService;
  /** Whether a finding of low confidence is probed. */
  readonly low: (finding: Finding) => boolean;
  readonly onVerdict: (finding: Finding, verdict: Verdict) => void;
  /** When it fires no further round begins; the one under way ends. */
  readonly ending: AbortSignal;
}

interface Asked {
  readonly answer: ProbeAnswer;
  readonly at: string;
}

/**
 * Probes each distinct token once, soon after it was found, while more may come. What the service answered is not asked
 * again; what it could not answer is asked once more at the end.
 */
export class FollowProbes {
  readonly actions: ActionRecord[] = [];
  readonly #options: FollowProbesOptions;
  readonly #asked = new Map<string, Asked>();
  #waiting: Finding[] = [];
  #round: Promise<void> | undefined;
  #list: TokenList | undefined;

  constructor(options: FollowProbesOptions) {
    this.#options = options;
  }

  /** Asks about a finding as soon as may be. */
  add(finding: Finding): void {
    if (!isProbed(finding, this.#options.low)) return;
    this.#waiting.push(finding);
    this.#round ??= this.#rounds();
  }

  /** What is known of each finding in the end: they are judged all together, by the answers that came before. */
  async finish(findings: readonly Finding[]): Promise<ReadonlyMap<string, Verdict>> {
    await this.#round;
    const open = findings.filter(
      (finding) => isProbed(finding, this.#options.low) && !this.#isAnswered(finding),
    );
    const verdicts = await this.#judge(findings, open.length === 0 ? this.#list : undefined);
    return new Map([...verdicts].map(([name, verdict]) => [name, this.#dated(name, verdict)]));
  }

  async #rounds(): Promise<void> {
    const { ending, onVerdict } = this.#options;
    while (this.#waiting.length > 0 && !ending.aborted) {
      const batch = this.#waiting.splice(0);
      const verdicts = await this.#judge(batch);
      for (const finding of batch) {
        const { fingerprint } = finding;
        onVerdict(finding, this.#dated(fingerprint, verdicts.get(fingerprint)!));
      }
      await sleep(BETWEEN_ROUNDS_MS, undefined, { signal: ending }).catch(() => {});
    }
    this.#round = undefined;
  }

  /** @param list when it need not be read again. */
  async #judge(findings: readonly Finding[], list?: TokenList): Promise<ReadonlyMap<string, Verdict>> {
    const { service, low } = this.#options;
    const fresh = new Set<string>();
    const remembering: TokenService = {
      list: async () => {
        if (list !== undefined) return list;
        this.#list = await service.list();
        return this.#list;
      },
      probe: async (secret) => this.#known(secret) ?? this.#ask(secret, fresh),
    };
    const { verdicts, actions } = await judge(findings, remembering, { low });
    const isNew = (action: ActionRecord) =>
      action.fingerprint === undefined ? list === undefined : fresh.has(action.fingerprint);
    this.actions.push(...actions.filter(isNew));
    return verdicts;
  }

  async #ask(secret: SecretValue, fresh: Set<string>): Promise<ProbeAnswer> {
    const name = fingerprint(secret);
    const at = new Date().toISOString();
    fresh.add(name);
    const answer = await this.#options.service.probe(secret);
    this.#asked.set(name, { answer, at });
    return answer;
  }

  #known(secret: SecretValue): ProbeAnswer | undefined {
    const answer = this.#asked.get(fingerprint(secret))?.answer;
    return answer?.state === 'unknown' ? undefined : answer;
  }

  #isAnswered(finding: Finding): boolean {
    return this.#known(finding.secret) !== undefined;
  }

  /** An answer holds as of when it was given, not as of the end. */
  #dated(name: string, verdict: Verdict): Verdict {
    const at = this.#asked.get(name)?.at;
    return at === undefined || !('checkedAt' in verdict) ? verdict : { ...verdict, checkedAt: at };
  }
}
