import { describe, expect, test } from 'vitest';
import { isLoopback, parseApiUrl } from '../../src/takumi/endpoint.js';

describe('the one address that requests go to', () => {
  test.each([
    ['https://api.example.com/v1', 'https://api.example.com/v1'],
    ['  https://api.example.com/v1//  ', 'https://api.example.com/v1'],
    ['\u00a0https://api.example.com/v1\u00a0', 'https://api.example.com/v1'],
    ['https://api.example.com', 'https://api.example.com/'],
    ['http://127.0.0.1:8080/v1/', 'http://127.0.0.1:8080/v1'],
    ['http://[::1]:8080/v1', 'http://[::1]:8080/v1'],
    ['http://localhost/v1', 'http://localhost/v1'],
    ['https://127.0.0.1/v1', 'https://127.0.0.1/v1'],
  ])('%s', (text, url) => expect(parseApiUrl(text).href).toBe(url));

  test.each([
    ['http://api.example.com/v1', /must begin with https/],
    ['http://127.0.0.1.example.com/v1', /must begin with https/],
    ['http://localhost.example.com/v1', /must begin with https/],
    ['ftp://127.0.0.1/v1', /must begin with https/],
    ['file:///v1', /must begin with https/],
    ['api.example.com/v1', /is not a URL/],
    ['', /is not a URL/],
    ['https://user@api.example.com/v1', /host and a path only/],
    ['https://:hunter22@api.example.com/v1', /host and a path only/],
    ['https://api.example.com/v1?x=hunter22', /host and a path only/],
    ['https://api.example.com/v1#hunter22', /host and a path only/],
  ])('not %s, and it is not repeated', (text, reason) => {
    expect(() => parseApiUrl(text)).toThrow(reason);
    expect(() => parseApiUrl(text)).not.toThrow(/hunter22/);
  });
});

test('loopback is this machine and nothing that looks like it', () => {
  for (const name of ['localhost', '[::1]', '127.0.0.1', '127.255.250.254', '127.100.200.101'])
    expect(isLoopback(name), name).toBe(true);
  for (const name of [
    '1127.0.0.1',
    'x.127.0.0.1',
    '127.0.0.1.example.com',
    '127.0.0',
    '128.0.0.1',
    '[::2]',
    'localhost.example.com',
    '127.0.0.1x',
    '127a0.0.1',
  ])
    expect(isLoopback(name), name).toBe(false);
});
