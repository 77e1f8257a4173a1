import { styleText } from 'node:util';
import type { ReportFinding } from '../model/report.js';
import { visible, visibleJson } from './visible.js';
import { describeWhere } from './where.js';

/** What happened to a finding while logs were followed, and when (ISO 8601). */
export interface FindingEvent {
  readonly event: 'found' | 'probed';
  readonly at: string;
  readonly finding: ReportFinding;
}

/** A line for people: when, what, which token, and where it stands or what the service said of it. */
export function eventLine({ event, at, finding }: FindingEvent, color = false): string {
  const [label, style] = event === 'found' ? (['FOUND', 'yellow'] as const) : labelOf(finding);
  const shown = color ? styleText(style, label, { validateStream: false }) : label;
  const said = event === 'found' ? placeOf(finding) : saidOf(finding);
  return `${visible(at)}  ${shown}  ${visible(finding.redacted)}  ${said}`;
}

/** Anything as a line of JSON. */
export function jsonLine(value: unknown): string {
  return `${visibleJson(JSON.stringify(value))}\n`;
}

function labelOf({ verdict }: ReportFinding): readonly [string, 'red' | 'green' | 'yellow'] {
  switch (verdict.state) {
    case 'active':
      return ['ALIVE', 'red'];
    case 'inactive':
      return ['dead', 'green'];
    case 'inactive_or_foreign':
      return ['dead or another organization’s', 'green'];
    case 'foreign':
      return ['another organization’s', 'yellow'];
    default:
      return ['NOT KNOWN', 'yellow'];
  }
}

function placeOf({ sightings, confidence, suppressed_by: ignored }: ReportFinding): string {
  const { where, line, column, via } = sightings[0]!;
  const decoded = via.length === 0 ? '' : ` (in ${visible(via.join(', then '))})`;
  const low = confidence === 'low' ? ', low confidence' : '';
  const known = ignored === undefined ? '' : `, ignored by ${visible(ignored)}`;
  return `${describeWhere(where)}:${line}:${column}${decoded}${low}${known}`;
}

function saidOf({ verdict, fingerprint }: ReportFinding): string {
  const { user_identifier: user, token_id: id, reason } = verdict;
  const said = [
    ...(user === undefined ? [] : [`${visible(user)}’s`]),
    ...(id === undefined ? [] : [`token ID ${visible(id)}`]),
    ...(reason === undefined ? [] : [visible(reason)]),
  ];
  return [...said, visible(fingerprint)].join(', ');
}
