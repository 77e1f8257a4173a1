import { type Bot, type Bots, ISSUER, MANAGER, type Role } from './bots.js';
import { cutPage, type Dialect, issueAnswer, listRow, type Paging, probeAnswer } from './dialect.js';
import type { Endpoint } from './faults.js';
import type { TokenStore } from './token-store.js';

/** A request, parsed as far as routing needs. */
export interface ServiceRequest {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ServiceTraits {
  readonly dialect: Dialect;
  readonly paging: Paging;
  readonly pageSize: number;
  readonly listHints: boolean;
  readonly listLastUsed: boolean;
}

/** Where a request goes. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly orgId: string;
  readonly tokenId?: string;
}

const COLLECTION = /^\/v1\/o\/([^/]+)\/guard\/org-user-tokens(?:\/(probe)|\/by-id\/([^/]+))?$/;
const ALLOWED: Record<Endpoint, readonly Role[]> = {
  issue: [ISSUER],
  list: [MANAGER],
  probe: [MANAGER],
  revoke: [MANAGER],
};
const LONGEST_USER = 256;

/** What the service does: state and answers, without a network. */
export class Service {
  readonly #store: TokenStore;
  readonly #bots: Bots;
  readonly #traits: ServiceTraits;

  constructor(store: TokenStore, bots: Bots, traits: ServiceTraits) {
    this.#store = store;
    this.#bots = bots;
    this.#traits = traits;
  }

  /** The endpoint for a method and a path; a status when there is none. */
  route(method: string, pathname: string): Route | 404 | 405 {
    const match = COLLECTION.exec(pathname);
    if (match === null) return 404;
    const [, org, probe, id] = match;
    const orgId = decode(org);
    const tokenId = decode(id);
    if (orgId === undefined || (id !== undefined && tokenId === undefined)) return 404;
    if (probe !== undefined) return method === 'POST' ? { endpoint: 'probe', orgId } : 405;
    if (tokenId !== undefined) return method === 'DELETE' ? { endpoint: 'revoke', orgId, tokenId } : 405;
    if (method === 'POST') return { endpoint: 'issue', orgId };
    return method === 'GET' ? { endpoint: 'list', orgId } : 405;
  }

  answer(route: Route | 404 | 405, request: ServiceRequest): ServiceAnswer {
    const bot = this.#bots.authenticate(request.authorization);
    if (bot === undefined) return error(401, 'unauthenticated', 'the API key or the bot ID is not valid');
    if (route === 404) return error(404, 'not_found', 'no such endpoint');
    if (route === 405) return error(405, 'method_not_allowed', 'no such method here');
    const denied = deny(bot, route);
    if (denied !== undefined) return denied;
    switch (route.endpoint) {
      case 'issue':
        return this.#issue(route, request.body);
      case 'list':
        return this.#list(route, request.url);
      case 'probe':
        return this.#probe(route, request.body);
      case 'revoke':
        return this.#store.revoke(route.orgId, route.tokenId ?? '')
          ? { status: 204 }
          : error(404, 'not_found', 'there is no active token with this ID');
    }
  }

  #issue({ orgId }: Route, body: string): ServiceAnswer {
    const user = textField(body, 'user_identifier');
    if (user === undefined || user.trim() === '' || user.length > LONGEST_USER) {
      return error(400, 'invalid_argument', 'user_identifier must be a string of 1 to 256 characters');
    }
    return { status: 201, json: issueAnswer(this.#store.issue(orgId, user)) };
  }

  #probe({ orgId }: Route, body: string): ServiceAnswer {
    const token = textField(body, 'token');
    if (token === undefined || token === '') return error(400, 'invalid_argument', 'token must be a string');
    return { status: 200, json: probeAnswer(this.#traits.dialect, this.#store.find(token), orgId) };
  }

  #list({ orgId }: Route, url: URL): ServiceAnswer {
    const { paging, pageSize, listHints, listLastUsed } = this.#traits;
    const prefix = url.searchParams.get('user_identifier') ?? '';
    const status = url.searchParams.get('status') ?? undefined;
    if (status !== undefined && status !== 'active' && status !== 'revoked') {
      return error(400, 'invalid_argument', 'status must be active or revoked');
    }
    const rows = this.#store.select(orgId, { prefix, ...(status === undefined ? {} : { status }) });
    const cursor = url.searchParams.get('page_token') ?? undefined;
    const cut = paging === 'none' ? { page: rows, next: undefined } : cutPage(rows, cursor, pageSize);
    if (cut === undefined) return error(400, 'invalid_argument', 'page_token is not valid');
    const tokens = cut.page.map((row) => listRow(row, { hints: listHints, lastUsed: listLastUsed }));
    if (paging === 'link') {
      return {
        status: 200,
        json: { tokens },
        ...(cut.next && { headers: { link: nextLink(url, cut.next) } }),
      };
    }
    return {
      status: 200,
      json: paging === 'none' ? { tokens } : { tokens, next_page_token: cut.next ?? '' },
    };
  }
}

export function error(status: number, code: string, message: string): ServiceAnswer {
  return { status, json: { error: { code, message } } };
}

function deny(bot: Bot, { endpoint, orgId }: Route): ServiceAnswer | undefined {
  if (bot.orgId !== orgId) return error(403, 'permission_denied', 'the bot is not of this organization');
  const needed = ALLOWED[endpoint];
  if (needed.some((role) => bot.roles.includes(role))) return undefined;
  return error(403, 'permission_denied', `the bot needs the role ${needed.join(' or ')}`);
}

function nextLink(url: URL, cursor: string): string {
  const next = new URL(url);
  next.searchParams.set('page_token', cursor);
  return `<${next.href}>; rel="next"`;
}

function textField(body: string, name: string): string | undefined {
  try {
    const value = (JSON.parse(body) as Record<string, unknown> | null)?.[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function decode(part: string | undefined): string | undefined {
  try {
    return part === undefined ? undefined : decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
