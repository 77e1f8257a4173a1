import { EmulatorInputError } from './seed.js';

export type Endpoint = 'issue' | 'list' | 'probe' | 'revoke';

/**
 * What goes wrong, and when. A rule fits the requests that all of its conditions fit; of these, `nth` (from 1) picks
 * one or several, or every one where it is absent. The first rule that picks a request decides.
 */
export interface FaultRule {
  readonly endpoint?: Endpoint;
  readonly method?: string;
  /** A part of the path. */
  readonly path?: string;
  readonly nth?: number | readonly number[];

  /** Whether the service does what it was asked before the fault shows. Default `before`: it does not. */
  readonly when?: 'before' | 'after';
  readonly delay_ms?: number;
  /** Cuts the connection without an answer. */
  readonly reset?: true;
  readonly status?: number;
  /** Any JSON; a text is sent as it is. Without it, an error envelope for an error, the true answer otherwise. */
  readonly body?: unknown;
  /** A login page instead of the answer. */
  readonly html?: true;
  /** 302 to there. */
  readonly redirect?: string;
  /** Seconds, or `+N` for a date N seconds after the service's clock, or any text. */
  readonly retry_after?: number | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Cuts the connection in the middle of the answer. */
  readonly truncate?: true;
  /** What others do at the same moment, before the request is served. */
  readonly meanwhile?: { readonly issue?: string; readonly revoke?: string };
}

const CHECKS: Record<keyof FaultRule, (value: unknown) => boolean> = {
  endpoint: (value) => ['issue', 'list', 'probe', 'revoke'].includes(value as string),
  method: isText,
  path: isText,
  nth: (value) => isCount(value) || (Array.isArray(value) && value.length > 0 && value.every(isCount)),
  when: (value) => value === 'before' || value === 'after',
  delay_ms: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  reset: (value) => value === true,
  status: (value) => Number.isSafeInteger(value) && (value as number) >= 200 && (value as number) <= 599,
  body: () => true,
  html: (value) => value === true,
  redirect: isText,
  retry_after: (value) => isText(value) || (Number.isSafeInteger(value) && (value as number) >= 0),
  headers: (value) => isRecord(value) && Object.values(value).every(isText),
  truncate: (value) => value === true,
  meanwhile: (value) =>
    isRecord(value) &&
    Object.entries(value).every(([name, text]) => ['issue', 'revoke'].includes(name) && isText(text)),
};

/** @throws {EmulatorInputError} naming the rule and the field. */
export function readFaults(data: unknown): FaultRule[] {
  if (!Array.isArray(data)) throw new EmulatorInputError('the faults must be a JSON array of rules');
  return data.map((rule: unknown, index) => {
    if (!isRecord(rule)) throw new EmulatorInputError(`fault ${index + 1} is not an object`);
    for (const [name, value] of Object.entries(rule)) {
      if (!Object.hasOwn(CHECKS, name)) {
        throw new EmulatorInputError(
          `fault ${index + 1} has a field that is not known; known are ${Object.keys(CHECKS).join(', ')}`,
        );
      }
      if (!CHECKS[name as keyof FaultRule](value)) {
        throw new EmulatorInputError(`fault ${index + 1}: ${name} has a value that it cannot have`);
      }
    }
    return rule as FaultRule;
  });
}

/** The rules, and how many requests each has fitted so far. */
export class Faults {
  readonly #rules: { readonly rule: FaultRule; fitted: number }[] = [];

  constructor(rules: readonly FaultRule[]) {
    for (const rule of rules) this.add(rule);
  }

  add(rule: FaultRule): void {
    this.#rules.push({ rule, fitted: 0 });
  }

  /** The rule for a request, which counts for every rule that it fits. */
  pick(method: string, path: string, endpoint: Endpoint | undefined): FaultRule | undefined {
    let picked: FaultRule | undefined;
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (rule.endpoint !== undefined && rule.endpoint !== endpoint) continue;
      if (rule.method !== undefined && rule.method.toUpperCase() !== method) continue;
      if (rule.path !== undefined && !path.includes(rule.path)) continue;
      entry.fitted += 1;
      const chosen = rule.nth === undefined || [rule.nth].flat().includes(entry.fitted);
      if (chosen) picked ??= rule;
    }
    return picked;
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
