import type { ServerResponse } from 'node:http';
import type { FaultRule } from './faults.js';
import type { ServiceAnswer } from './service.js';
import { error } from './service.js';

const LOGIN_PAGE = '<!doctype html><title>Sign in</title><h1>Sign in to the network</h1>';

/**
 * Sends `answer` as `fault` bends it.
 *
 * @param now milliseconds since 1970, as the service believes; its `Date` follows it.
 * @returns the status that was sent.
 */
export function respond(
  response: ServerResponse,
  answer: ServiceAnswer,
  fault: FaultRule | undefined,
  now: number,
): number {
  const { status, type, body } = shape(answer, fault);
  response.sendDate = false;
  response.statusCode = status;
  response.setHeader('date', new Date(now).toUTCString());
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (body !== '') response.setHeader('content-type', type);
  if (fault?.redirect !== undefined) response.setHeader('location', fault.redirect);
  if (fault?.retry_after !== undefined) response.setHeader('retry-after', retryAfter(fault.retry_after, now));
  for (const [name, value] of Object.entries(fault?.headers ?? {})) response.setHeader(name, value);
  if (fault?.truncate === undefined) {
    response.end(body);
    return status;
  }
  const bytes = Buffer.from(body === '' ? '{}' : body);
  if (status === 204) response.statusCode = 200;
  response.setHeader('content-length', bytes.length);
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
  return status;
}

function shape(
  answer: ServiceAnswer,
  fault: FaultRule | undefined,
): { status: number; type: string; body: string } {
  const json = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));
  if (fault?.html) return { status: fault.status ?? 200, type: 'text/html; charset=utf-8', body: LOGIN_PAGE };
  const status = fault?.status ?? (fault?.redirect === undefined ? answer.status : 302);
  const type = 'application/json; charset=utf-8';
  if (fault !== undefined && Object.hasOwn(fault, 'body')) {
    return { status, type, body: typeof fault.body === 'string' ? fault.body : json(fault.body) };
  }
  if (fault?.status !== undefined && status >= 400) {
    return { status, type, body: json(error(status, 'injected', 'a fault was asked for').json) };
  }
  return { status, type, body: json(answer.json) };
}

function retryAfter(value: number | string, now: number): string {
  const ahead = typeof value === 'string' ? /^\+(\d+)$/.exec(value)?.[1] : undefined;
  return ahead === undefined ? String(value) : new Date(now + Number(ahead) * 1000).toUTCString();
}
