import { styleText } from 'node:util';
import { isProvenDead } from '../model/plan.js';
import { meaningOf } from '../model/reason.js';
import type { Report, ReportFinding, ReportPlan, ReportSighting, Unscanned } from '../model/report.js';
import { nextStep } from './advice.js';
import { describeHistory } from './history.js';
import { describeLayers } from './layers.js';
import { visible } from './visible.js';
import { describeWhere } from './where.js';

export interface TextOptions {
  readonly color?: boolean;
  /** Name the reasons behind each confidence, where the report has them. */
  readonly explain?: boolean;
  /** Places listed for one token; the others are counted. */
  readonly places?: number;
  /** Unread things that are listed; the others are counted. */
  readonly unscanned?: number;
}

type Style = 'red' | 'green' | 'yellow' | 'bold' | 'dim';
type Paint = (style: Style, text: string) => string;

/** The report for people: what is alive first, then what it was not possible to say, then the rest. */
export function* text(report: Report, options: TextOptions = {}): Iterable<string> {
  const paint: Paint =
    options.color === true
      ? (style, plain) => styleText(style, plain, { validateStream: false })
      : (_, plain) => plain;
  yield `${paint('bold', headline(report))}\n`;
  for (const finding of [...report.findings].sort((a, b) => rank(a) - rank(b))) {
    yield '\n';
    yield* findingText(finding, paint, options);
  }
  if (report.plan !== undefined) yield* planText(report.plan, paint);
  yield '\n';
  yield* coverageText(report, paint, options.unscanned ?? 100);
  if (report.findings.length > SCREEN) yield `${paint('bold', headline(report))}\n`;
}

/** More findings than this, and the first line has left the screen when the last one is written. */
const SCREEN = 8;

function headline({ findings, coverage }: Report): string {
  if (findings.length === 0)
    return coverage.complete ? 'No token found.' : 'No token found in what could be read.';
  const alive = findings.filter(isAlive).length;
  const unsure = findings.filter(
    ({ verdict }) => verdict.state === 'unknown' || verdict.state === 'not_probed',
  ).length;
  const parts = [
    count(findings.length, 'token'),
    ...(alive > 0 ? [`${alive} ALIVE`] : unsure === 0 ? ['none of ours alive'] : []),
    ...(unsure > 0 ? [`${unsure} not known to be dead`] : []),
  ];
  return `${parts.join(', ')}.`;
}

/** Active when it was probed, and not proven dead since. */
function isAlive({ verdict, remediation }: ReportFinding): boolean {
  return verdict.state === 'active' && !isProvenDead(remediation.state);
}

function isDone(state: ReportFinding['remediation']['state']): boolean {
  return isProvenDead(state) || state === 'accepted_unverified';
}

function rank(finding: ReportFinding): number {
  if (isAlive(finding)) return 0;
  if (finding.suppressed_by !== undefined) return 5;
  const { state } = finding.verdict;
  if (state === 'unknown') return 1;
  if (state === 'not_probed') return finding.confidence === 'high' ? 2 : 4;
  return 3;
}

function* findingText(finding: ReportFinding, paint: Paint, options: TextOptions): Iterable<string> {
  const { verdict, remediation } = finding;
  yield `${paint('bold', visible(finding.redacted))}  ${stateOf(finding, paint)}\n`;
  const row = (label: string, value: string) => `  ${paint('dim', label.padEnd(12))}${value}\n`;
  const most = options.places ?? 10;
  for (const [index, sighting] of finding.sightings.slice(0, most).entries()) {
    yield row(index === 0 ? 'where' : '', placeOf(sighting));
    if (options.explain === true && sighting.reasons !== undefined && sighting.reasons.length > 0) {
      yield row('', `  because: ${sighting.reasons.map(explained).join('; ')}`);
    }
  }
  const more =
    (finding.sightings_total ?? finding.sightings.length) - Math.min(most, finding.sightings.length);
  if (more > 0) yield row('', `and ${count(more, 'more place')}`);
  const whose = [
    ...(verdict.user_identifier === undefined ? [] : [visible(verdict.user_identifier)]),
    ...(verdict.token_id === undefined
      ? []
      : [`token ID ${visible(verdict.token_id)} (by ${visible(verdict.evidence ?? '?')})`]),
  ];
  if (whose.length > 0) yield row('whose', whose.join(', '));
  if (finding.used_here !== undefined)
    yield row('used here', `from ${visible(finding.used_here.join(', '))}`);
  if (verdict.reason !== undefined) yield row('reason', visible(verdict.reason));
  if (verdict.candidates !== undefined && verdict.candidates.length > 0) {
    yield row('candidates', shortened(verdict.candidates.map(visible), most));
  }
  if (remediation.state !== 'none')
    yield row(isDone(remediation.state) ? 'done' : 'not done', doneOf(finding));
  if (finding.suppressed_by !== undefined) yield row('ignored', `by ${visible(finding.suppressed_by)}`);
  yield row('next', visible(nextStep(finding)));
  yield row('fingerprint', `${visible(finding.fingerprint)} (${visible(finding.rule)})`);
}

function stateOf(finding: ReportFinding, paint: Paint): string {
  const low = finding.confidence === 'low' ? paint('dim', ' (low confidence)') : '';
  if (isProvenDead(finding.remediation.state))
    return paint('green', 'DEAD: revoked, proven by a probe') + low;
  switch (finding.verdict.state) {
    case 'active':
      return (
        paint('red', finding.remediation.state === 'accepted_unverified' ? 'PERHAPS ALIVE' : 'ALIVE') + low
      );
    case 'inactive':
      return paint('green', 'dead') + low;
    case 'foreign':
      return paint('yellow', 'another organization’s') + low;
    case 'inactive_or_foreign':
      return paint('green', 'dead or another organization’s') + low;
    case 'unknown':
      return paint('yellow', 'NOT KNOWN') + low;
    case 'not_probed':
      return paint('yellow', 'not probed') + low;
  }
}

function placeOf({ where, line, column, via, aspect }: ReportSighting): string {
  const named = aspect === undefined ? '' : ' (in its name)';
  const decoded = via.length === 0 ? '' : ` (in ${visible(via.join(', then '))})`;
  const written =
    where.kind === 'commit' ? ` by ${visible(where.author)}, ${visible(where.date.slice(0, 10))}` : '';
  return `${describeWhere(where)}:${line}:${column}${named}${decoded}${written}${describeHistory(where)}${describeLayers(where)}`;
}

function doneOf({ verdict, remediation }: ReportFinding): string {
  const { state, dead_at: deadAt, seconds_to_dead: seconds } = remediation;
  // The reason stands above already, and may be long.
  const told = verdict.reason === undefined ? '' : `: ${verdict.reason}`;
  const reason =
    told !== '' && remediation.reason?.endsWith(told)
      ? `${remediation.reason.slice(0, -told.length)} (see the reason)`
      : remediation.reason;
  const done = state.replaceAll('_', ' ');
  const when =
    deadAt === undefined
      ? ''
      : `, dead at ${visible(deadAt)}${seconds === undefined ? '' : `, ${seconds} s after it was found`}`;
  return `${done}${when}${reason === undefined ? '' : `: ${visible(reason)}`}`;
}

function* planText({ approved, drifted }: ReportPlan, paint: Paint): Iterable<string> {
  if (drifted.length === 0) return;
  yield `\n${paint('yellow', `${drifted.length} of ${count(approved, 'approved revocation')} not carried out:`)}\n`;
  for (const { token_id: id, user_identifier: user, reason } of drifted) {
    yield `  ${visible(id)}${user === undefined ? '' : ` of ${visible(user)}`}: ${visible(reason)}\n`;
  }
}

function* coverageText({ run, coverage }: Report, paint: Paint, most: number): Iterable<string> {
  const units = Object.entries(coverage.units).filter(([, value]) => value > 0);
  const read =
    units.length === 0 ? 'nothing' : units.map(([name, value]) => count(value, name.slice(0, -1))).join(', ');
  yield `Scanned: ${read} (${count(coverage.bytes, 'byte')}).\n`;
  if (coverage.left_out !== undefined) {
    const { folders, files } = coverage.left_out;
    yield `Left out, as you asked: ${count(folders, 'folder')}, ${count(files, 'file')}.\n`;
  }
  for (const { path, size, sha256, modified_at: modified } of run.evidence ?? []) {
    yield `Evidence: ${visible(path)}, ${count(size, 'byte')}, SHA-256 ${visible(sha256)}, last changed ${visible(modified)}\n`;
  }
  if (coverage.complete) return;
  yield `${paint('yellow', `INCOMPLETE: ${count(coverage.unscanned.length, 'thing')} could not be read.`)}\n`;
  for (const unscanned of coverage.unscanned.slice(0, most)) yield `  ${unscannedText(unscanned)}\n`;
  const more = coverage.unscanned.length - most;
  if (more > 0) yield `  and ${more} more; --format json lists them all\n`;
}

function unscannedText({ where, reason, detail }: Unscanned): string {
  return `${describeWhere(where)}: ${reason.replaceAll('_', ' ')}${detail === '' ? '' : `: ${visible(detail)}`}`;
}

function shortened(values: readonly string[], most: number): string {
  const more = values.length - most;
  return values.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function explained(reason: string): string {
  const meaning = meaningOf(reason);
  return meaning === undefined ? visible(reason) : `${meaning} (${reason})`;
}
