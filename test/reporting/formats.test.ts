import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Report } from '../../src/model/report.js';
import { json } from '../../src/reporting/json.js';
import { text } from '../../src/reporting/text.js';
import { orgToken } from '../support/tokens.js';
import { hostileReports } from './reports.js';

const FORMATS: Record<string, (report: Report) => Iterable<string>> = {
  json,
  text: (report) => text(report, { explain: true }),
  'text in colour': (report) => text(report, { color: true }),
};
const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../schema/report-1.json'), 'utf8'),
) as object;
const validate = new Ajv2020({ allErrors: true, strict: true, validateFormats: false }).compile(schema);
const SECRET = orgToken('hostile');

/** Whether the token stands in the text, plain or in base64 at any alignment. */
function shows(output: string): boolean {
  const decoded = (output.match(/[A-Za-z0-9+/]{40,}/g) ?? []).flatMap((run) =>
    [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString('latin1')),
  );
  return [output, ...decoded].some((each) => each.includes(SECRET));
}

for (const [name, format] of Object.entries(FORMATS)) {
  test(`${name}: no report holds a secret or anything that a terminal obeys`, () => {
    fc.assert(
      fc.property(hostileReports('hostile'), (report) => {
        const output = [...format(report)].join('');
        expect(shows(output)).toBe(false);
        const plain = name === 'text in colour' ? stripVTControlCharacters(output) : output;
        expect(plain.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        // A workflow runner takes a line that begins with two colons for an order.
        expect(plain).not.toMatch(/^\s*::/m);
      }),
      { numRuns: 300 },
    );
  });
}

test('without redaction the same reports would show it: the property above can fail', () => {
  const open = fc.sample(hostileReports('hostile', { redact: (text) => text }), 50);
  expect(open.some((report) => shows([...json(report)].join('')))).toBe(true);
});

test('json: is the report, and fits the schema', () => {
  fc.assert(
    fc.property(hostileReports('hostile'), (report) => {
      const parsed: unknown = JSON.parse([...json(report)].join(''));
      expect(parsed).toEqual(JSON.parse(JSON.stringify(report)));
      expect(validate(parsed), JSON.stringify(validate.errors)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('the schema refuses what the contract does not have', () => {
  const [sample] = fc.sample(hostileReports('hostile'), 1) as [Report];
  const wrong: [string, (string | number)[], unknown][] = [
    ['an unknown field', ['findings', 0, 'token'], 'x'],
    ['another state', ['findings', 0, 'verdict', 'state'], 'dead'],
    ['a finding without a place', ['findings', 0, 'sightings'], []],
    ['complete with unscanned things', ['coverage', 'complete'], true],
    ['a fingerprint of another kind', ['findings', 0, 'fingerprint'], 'sha256'],
    ['a place of no kind', ['findings', 0, 'sightings', 0, 'where'], { path: 'x' }],
    ['another exit code', ['exit_code'], 5],
  ];
  for (const [what, path, value] of wrong) {
    const report = structuredClone(sample) as unknown as Record<string | number, unknown>;
    let at = report;
    for (const name of path.slice(0, -1)) at = at[name] as Record<string | number, unknown>;
    at[path.at(-1)!] = value;
    expect(validate(report), what).toBe(false);
  }
});
