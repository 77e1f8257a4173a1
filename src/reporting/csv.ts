import type { Report } from '../model/report.js';
import { visible } from './visible.js';
import { describeWhere } from './where.js';

const COLUMNS = [
  'fingerprint',
  'rule',
  'redacted',
  'confidence',
  'state',
  'user_identifier',
  'token_id',
  'remediation',
  'where',
  'line',
  'column',
  'offset',
  'via',
];

/** One row a place (RFC 4180), and one for each thing that was not scanned, so that no sheet looks clean when it is not. */
export function* csv(report: Report): Iterable<string> {
  yield row(COLUMNS);
  for (const {
    fingerprint,
    rule,
    redacted,
    confidence,
    verdict,
    remediation,
    sightings,
  } of report.findings) {
    for (const { where, line, column, offset, via } of sightings) {
      yield row([
        fingerprint,
        rule,
        redacted,
        confidence,
        verdict.state,
        verdict.user_identifier ?? '',
        verdict.token_id ?? '',
        remediation.state,
        describeWhere(where),
        `${line}`,
        `${column}`,
        `${offset}`,
        via.join(' '),
      ]);
    }
  }
  for (const { where, reason, detail } of report.coverage.unscanned) {
    yield row([
      '',
      '',
      '',
      '',
      `unscanned: ${reason}: ${detail}`,
      '',
      '',
      '',
      describeWhere(where),
      '',
      '',
      '',
      '',
    ]);
  }
}

function row(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/** A spreadsheet runs what begins like a formula; an apostrophe makes it text. */
function cell(text: string): string {
  const shown = visible(text);
  const harmless = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20|%]/.test(shown) ? `'${shown}` : shown;
  return `"${harmless.replaceAll('"', '""')}"`;
}
