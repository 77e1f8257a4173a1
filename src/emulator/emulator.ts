import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Bot, Bots, ISSUER, MANAGER, type Role } from './bots.js';
import { DIALECTS, type Dialect, PAGINGS, type Paging } from './dialect.js';
import { type FaultRule, Faults, readFaults } from './faults.js';
import { randomText } from './random-text.js';
import { type LoggedRequest, RequestLog } from './request-log.js';
import { respond } from './respond.js';
import { EmulatorInputError, readSeed } from './seed.js';
import { error, Service, type ServiceRequest } from './service.js';
import { type StoredToken, TokenStore } from './token-store.js';

export interface EmulatorOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Loopback only. */
  readonly host?: '127.0.0.1' | '::1' | 'localhost';
  readonly dialect?: Dialect;
  readonly paging?: Paging;
  readonly pageSize?: number;
  readonly listHints?: boolean;
  readonly listLastUsed?: boolean;
  /** Tokens that exist from the start, as parsed from JSON; see {@link readSeed}. */
  readonly seed?: unknown;
  /** What goes wrong, as parsed from JSON; see {@link FaultRule}. */
  readonly faults?: unknown;
  /** The service's clock, milliseconds since 1970. */
  readonly now?: () => number;
}

/** A running emulator: the credential of a bot that may do everything, and the state, for tests. */
export interface Emulator {
  /** What TAKUMI_API_URL takes; ends in `/v1`. */
  readonly url: string;
  readonly orgId: string;
  readonly botApiKey: string;
  readonly botId: string;
  /** What the command prints when it listens. */
  readonly listening: {
    readonly url: string;
    readonly org_id: string;
    readonly bot_api_key: string;
    readonly bot_id: string;
  };
  /** A bot of another organization, which may do everything there. */
  readonly otherBot: Bot;
  createBot(roles: readonly Role[], orgId?: string): Bot;
  /** Issues a token without a request. */
  issue(userIdentifier: string, orgId?: string): StoredToken;
  /** All tokens of all organizations. */
  tokens(): readonly StoredToken[];
  addFault(rule: FaultRule): void;
  /** Every request so far; the same as `/_emulator/log`. */
  log(): readonly LoggedRequest[];
  close(): Promise<void>;
}

const LARGEST_BODY = 64 * 1024;
/** Whoever asks by another name was led here by somebody's DNS. */
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])$/;
const EVERYTHING = [ISSUER, MANAGER] as const;

/**
 * Starts a working fake of the service on loopback.
 *
 * @throws {EmulatorInputError} for options, a seed or faults that make no sense.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  checkOptions(options);
  const now = options.now ?? Date.now;
  const seed = readSeed(options.seed ?? []);
  const faults = new Faults(readFaults(options.faults ?? []));
  const store = new TokenStore(now);
  const bots = new Bots();
  const log = new RequestLog();
  const bot = bots.create(`org-${randomText(12)}`, EVERYTHING);
  const otherBot = bots.create(`org-${randomText(12)}`, EVERYTHING);
  for (const token of seed) store.add(token, bot.orgId);
  const service = new Service(store, bots, {
    dialect: options.dialect ?? 'identity',
    paging: options.paging ?? 'cursor',
    pageSize: options.pageSize ?? 10,
    listHints: options.listHints ?? false,
    listLastUsed: options.listLastUsed ?? true,
  });
  const handler = new Handler(service, faults, store, bots, log, now);
  const server = createServer((request, response) => {
    handler.handle(request, response).catch(() => response.destroy());
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const what = `port ${options.port ?? 0} of ${host} cannot be listened on (${cause.code})`;
      reject(new EmulatorInputError(`${what}; choose another with --port, or 0 for any`));
    });
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${host === '::1' ? '[::1]' : host}:${port}/v1`;
  return {
    url,
    orgId: bot.orgId,
    botApiKey: bot.botApiKey,
    botId: bot.botId,
    listening: { url, org_id: bot.orgId, bot_api_key: bot.botApiKey, bot_id: bot.botId },
    otherBot,
    createBot: (roles, orgId = bot.orgId) => bots.create(orgId, roles),
    issue: (userIdentifier, orgId = bot.orgId) => store.issue(orgId, userIdentifier),
    tokens: () => store.all(),
    addFault: (rule) => {
      for (const checked of readFaults([rule])) faults.add(checked);
    },
    log: () => log.entries(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class Handler {
  readonly #service: Service;
  readonly #faults: Faults;
  readonly #store: TokenStore;
  readonly #bots: Bots;
  readonly #log: RequestLog;
  readonly #now: () => number;

  constructor(
    service: Service,
    faults: Faults,
    store: TokenStore,
    bots: Bots,
    log: RequestLog,
    now: () => number,
  ) {
    this.#service = service;
    this.#faults = faults;
    this.#store = store;
    this.#bots = bots;
    this.#log = log;
    this.#now = now;
  }

  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = new Date(this.#now()).toISOString();
    const body = await readBody(incoming);
    const method = incoming.method ?? 'GET';
    const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? 'localhost'}`);
    if (!LOOPBACK.test(url.hostname)) {
      respond(response, error(403, 'forbidden', 'only for this machine'), undefined, this.#now());
      return;
    }
    if (url.pathname === '/_emulator/log') {
      respond(response, { status: 200, json: this.#log.entries() }, undefined, this.#now());
      return;
    }
    const route = this.#service.route(method, url.pathname);
    const endpoint = typeof route === 'number' ? undefined : route.endpoint;
    const bot = this.#bots.authenticate(incoming.headers.authorization);
    const entry = this.#log.add({
      at,
      method,
      path: url.pathname + url.search,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(bot === undefined ? {} : { bot_id: bot.botId }),
      body: body ?? '',
    });
    const fault = this.#faults.pick(method, url.pathname, endpoint);
    if (fault !== undefined) entry.fault = true;
    if (bot !== undefined) this.#meanwhile(fault, bot.orgId);
    const request: ServiceRequest = {
      method,
      url,
      authorization: incoming.headers.authorization,
      body: body ?? '',
    };
    const answer =
      body === undefined
        ? error(413, 'too_large', `a body has at most ${LARGEST_BODY} bytes`)
        : prevents(fault)
          ? { status: 200 }
          : this.#service.answer(route, request);
    if (fault?.delay_ms !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delay_ms));
    if (fault?.reset) {
      incoming.socket.resetAndDestroy();
      return;
    }
    entry.status = respond(response, answer, fault, this.#now());
    const asked = response.getHeader('retry-after');
    if (typeof asked === 'string') entry.retry_after = asked;
  }

  /** What others do at the same moment. */
  #meanwhile(fault: FaultRule | undefined, orgId: string): void {
    if (fault?.meanwhile?.issue !== undefined) this.#store.issue(orgId, fault.meanwhile.issue);
    if (fault?.meanwhile?.revoke !== undefined) this.#store.revoke(orgId, fault.meanwhile.revoke);
  }
}

/** Whether the fault comes before the service does anything. A mere delay, or others' doings, prevent nothing. */
function prevents(fault: FaultRule | undefined): boolean {
  if (fault === undefined || fault.when === 'after') return false;
  return (
    fault.reset === true ||
    fault.status !== undefined ||
    fault.redirect !== undefined ||
    fault.html === true ||
    Object.hasOwn(fault, 'body')
  );
}

async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST_BODY) chunks.push(chunk);
  }
  return size > LARGEST_BODY ? undefined : Buffer.concat(chunks).toString();
}

function checkOptions(options: EmulatorOptions): void {
  const { host, dialect, paging, pageSize, port } = options;
  if (host !== undefined && !['127.0.0.1', '::1', 'localhost'].includes(host)) {
    throw new EmulatorInputError('the emulator listens on loopback only (127.0.0.1 or ::1)');
  }
  if (dialect !== undefined && !DIALECTS.includes(dialect)) {
    throw new EmulatorInputError(`the dialect must be one of ${DIALECTS.join(', ')}`);
  }
  if (paging !== undefined && !PAGINGS.includes(paging)) {
    throw new EmulatorInputError(`the paging must be one of ${PAGINGS.join(', ')}`);
  }
  if (pageSize !== undefined && !(Number.isSafeInteger(pageSize) && pageSize >= 1)) {
    throw new EmulatorInputError('the page size must be a whole number from 1');
  }
  if (port !== undefined && !(Number.isSafeInteger(port) && port >= 0 && port <= 65_535)) {
    throw new EmulatorInputError('the port must be a whole number from 0 to 65535');
  }
}
