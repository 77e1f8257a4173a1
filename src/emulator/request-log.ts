import type { Endpoint } from './faults.js';
import { fingerprint, withFingerprints } from './fingerprint.js';

/** A request as `/_emulator/log` shows it: fingerprints stand in the place of tokens. */
export interface LoggedRequest {
  readonly seq: number;
  /** When it arrived, by the service's clock, ISO 8601. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly endpoint?: Endpoint;
  readonly bot_id?: string;
  readonly body: unknown;
  /** What was answered; `null` when the connection was cut without an answer. */
  status: number | null;
  /** Whether a fault rule decided the answer. */
  fault?: true;
  /** The `Retry-After` that was sent. */
  retry_after?: string;
}

/** Every request that reached the service, in the order of arrival. */
export class RequestLog {
  readonly #entries: LoggedRequest[] = [];

  add(request: Omit<LoggedRequest, 'seq' | 'status' | 'body'> & { readonly body: string }): LoggedRequest {
    const entry: LoggedRequest = {
      ...request,
      seq: this.#entries.length + 1,
      path: withFingerprints(request.path),
      body: bodyWithFingerprints(request.body),
      status: null,
    };
    this.#entries.push(entry);
    return entry;
  }

  entries(): readonly LoggedRequest[] {
    return this.#entries;
  }
}

function bodyWithFingerprints(body: string): unknown {
  if (body === '') return null;
  try {
    return JSON.parse(body, (name, value: unknown) => {
      if (typeof value !== 'string') return value;
      // What is probed is secret whatever it looks like.
      return name === 'token' ? fingerprint(value) : withFingerprints(value);
    });
  } catch {
    return withFingerprints(body);
  }
}
