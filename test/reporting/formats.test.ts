import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Report } from '../../src/model/report.js';
import { csv } from '../../src/reporting/csv.js';
import { github } from '../../src/reporting/github.js';
import { json } from '../../src/reporting/json.js';
import { markdown } from '../../src/reporting/markdown.js';
import { sarif } from '../../src/reporting/sarif.js';
import { text } from '../../src/reporting/text.js';
import { orgToken } from '../support/tokens.js';
import { hostileReports } from './reports.js';

const FORMATS: Record<string, (report: Report) => Iterable<string>> = {
  json,
  text: (report) => text(report, { explain: true }),
  'text in colour': (report) => text(report, { color: true }),
  csv,
  github,
  markdown,
  sarif,
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
        expect(plain.replaceAll(name === 'csv' ? '\r\n' : '\n', '')).not.toMatch(
          /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u,
        );
        // A workflow runner takes a line that begins with two colons for an order.
        if (name !== 'github') expect(plain).not.toMatch(/^\s*::/m);
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

/** Undoes percent-encoding, entities and quoting, which could hide a token from a search. */
test('sarif, markdown and csv do not hide the token in an encoding of their own', () => {
  fc.assert(
    fc.property(hostileReports('hostile'), (report) => {
      const uris = [...sarif(report)]
        .join('')
        .replace(/%([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
      const entities = [...markdown(report)]
        .join('')
        .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
      for (const decoded of [uris, entities, [...csv(report)].join('').replaceAll('""', '"')])
        expect(shows(decoded)).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test('github: one command a finding and unread thing, whatever the names hold', () => {
  fc.assert(
    fc.property(hostileReports('hostile'), (report) => {
      const lines = [...github(report)].join('').split('\n').slice(0, -1);
      expect(lines).toHaveLength(report.findings.length + report.coverage.unscanned.length);
      for (const line of lines) {
        // As the runner reads it: properties up to the first `::`, split at commas, each at its first `=`.
        const [, name, properties] = /^::(\w+) (.*?)::/.exec(line)!;
        expect(['error', 'warning', 'notice']).toContain(name);
        expect(properties!.split(',').map((each) => each.split('=')[0])).toSatisfy((keys: string[]) =>
          keys.every((key) => ['file', 'line', 'title'].includes(key)),
        );
      }
    }),
    { numRuns: 200 },
  );
});

test('github: an annotation stands on a file of the checkout, where any of the places is one', () => {
  const [sample] = fc.sample(hostileReports('hostile'), 1) as [Report];
  const [sighting] = sample.findings[0]!.sightings;
  const places = [
    { ...sighting!, where: { kind: 'ref', name: 'refs/heads/x' } as const },
    { ...sighting!, where: { kind: 'file', path: 'src/a.ts' } as const, line: 7 },
  ];
  const told = (sightings: readonly object[]) =>
    [...github({ ...sample, findings: [{ ...sample.findings[0]!, sightings }] } as Report)][0];
  expect(told(places)).toMatch(/^::\w+ file=src\/a\.ts,line=7,/);
  // A pull request is looked at by its commits: what HEAD still holds lies in the checkout.
  const repository = { kind: 'file', path: 'app/.git' } as const;
  const commit = { kind: 'commit', path: 'src/b.ts', repository, commit: 'c', blob: 'b' } as const;
  expect(told([{ ...sighting!, where: { ...commit, head: true }, line: 3 }])).toMatch(
    /^::\w+ file=app\/src\/b\.ts,line=3,/,
  );
  expect(told([{ ...sighting!, where: { ...commit, head: false } }])).not.toMatch(/^::\w+ file=/);
  const zipped = { kind: 'file', path: 'leak.zip' } as const;
  const inZip = { ...commit, head: true, repository: { kind: 'member', container: zipped, path: '.git' } };
  expect(told([{ ...sighting!, where: inZip }])).not.toMatch(/^::\w+ file=/);
  // A line of a member is none of the archive, and one in a file goes before it.
  const member = { ...sighting!, where: { kind: 'member', container: zipped, path: 'x' }, line: 9 };
  expect(told([member])).toMatch(/^::\w+ file=leak\.zip,line=1,/);
  expect(told([member, ...places])).toMatch(/^::\w+ file=src\/a\.ts,line=7,/);
});

test('csv: no cell begins like a formula, and every row has as many cells as the header', () => {
  fc.assert(
    fc.property(hostileReports('hostile'), (report) => {
      for (const row of [...csv(report)]) {
        const cells = [...row.trimEnd().matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, cell]) => cell!);
        expect(cells).toHaveLength(13);
        expect(`${cells.map((cell) => `"${cell}"`).join(',')}\r\n`).toBe(row);
        for (const cell of cells) expect(cell).not.toMatch(/^\s*[=+\-@|%]/);
      }
    }),
    { numRuns: 200 },
  );
});

test('markdown: nothing of others is markup', () => {
  fc.assert(
    fc.property(hostileReports('hostile'), (report) => {
      const output = [...markdown(report)].join('').replace(/<code>([\p{L}\p{N} ]|&#\d+;)*<\/code>/gu, '');
      expect(output).not.toMatch(/[<>`|[\]!@&]/);
    }),
    { numRuns: 200 },
  );
});

test('sarif: is JSON with one result per place, whose URIs can be parsed', () => {
  fc.assert(
    fc.property(hostileReports('hostile'), (report) => {
      const { runs } = JSON.parse([...sarif(report)].join('')) as {
        runs: {
          tool: { driver: { rules: { id: string; properties: object }[] } };
          results: {
            ruleIndex: number;
            ruleId: string;
            locations: {
              physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } };
            }[];
          }[];
        }[];
      };
      expect(runs[0]!.results).toHaveLength(report.findings.flatMap(({ sightings }) => sightings).length);
      for (const { ruleId, ruleIndex, locations } of runs[0]!.results) {
        const { uri } = locations[0]!.physicalLocation.artifactLocation;
        // Without these, code scanning refuses a result, or shows it as any warning.
        expect(locations[0]!.physicalLocation.region.startLine).toBeGreaterThan(0);
        expect(runs[0]!.tool.driver.rules[ruleIndex]).toMatchObject({
          id: ruleId,
          properties: { 'security-severity': '9.0' },
        });
        expect(uri).toMatch(/^[\w\-.~!*'()/%:]+$/);
        expect(() => new URL(uri, 'file:///base/')).not.toThrow();
      }
    }),
    { numRuns: 200 },
  );
});
