import { containment, type Provenance } from '../../model/provenance.js';
import type { Report, ReportEvidence, ReportFinding, ReportSighting } from '../../model/report.js';
import { visible } from '../visible.js';
import { describeWhere } from '../where.js';
import { type Bytes, piped, printed } from './bytes.js';
import { isTypeable, quoted } from './shell.js';
import { REACH, REACH_BEFORE, undone } from './undoing.js';
import { type Ground, Walk } from './walk.js';

/** How much of the line before the token, and of what follows its beginning, is shown. */
const BEFORE = 120;
const BEHIND = 100;
const GROUP = 8;
/** In lines, perhaps with their offsets. */
const DUMPS = ['hex', 'hex-words', 'octal-dump', 'number-words', 'binary'];

export interface TrailOptions {
  readonly ground: Ground;
  /** Places that are walked to; the others are counted. */
  readonly places: number;
}

/**
 * A shell script that leads to each place where a token stands, with ordinary tools: it holds no token, and prints what
 * stands there when it is run. Names that are of others stand in it quoted.
 */
export function* trail(
  { run }: Report,
  { sightings, sightings_total: total = sightings.length, redacted }: ReportFinding,
  { ground, places }: TrailOptions,
): Iterable<string> {
  const shown = sightings.slice(0, places);
  yield '#!/bin/sh\n# Run these where the scan was run. They print what stands at each place: the token itself.\n';
  yield 'umask 077\n';
  for (const [index, sighting] of shown.entries()) {
    yield `\n# ${index + 1} of ${total}: ${titleOf(sighting)}\n`;
    yield* check(containment(sighting.where).at(-1)!, run.evidence ?? []);
    const byName = walkTo(sighting, redacted, ground, true);
    const byPlace = walkTo(sighting, redacted, ground, false);
    yield* byName;
    if (byPlace.join() === byName.join()) continue;
    yield '# The same by position, should the archive hold that name more than once:\n';
    yield* byPlace;
  }
  if (total > shown.length) yield `\n# ${total - shown.length} more places; --places N walks to more.\n`;
}

function titleOf({ where, line, column, offset, via, aspect }: ReportSighting): string {
  const decoded = via.length === 0 ? '' : `, in ${via.join(', then ')}`;
  const place = aspect === undefined ? `line ${line}, column ${column} (byte ${offset})` : 'in its name';
  return `${describeWhere(where)}, ${place}${visible(decoded)}`;
}

/** Whether it is the file that was scanned. */
function* check(where: Provenance, evidence: readonly ReportEvidence[]): Iterable<string> {
  const known = where.kind === 'file' ? evidence.find(({ path }) => path === where.path) : undefined;
  if (known === undefined || !isTypeable(known.path) || known.path.includes('\\')) return;
  yield `printf '%s  %s\\n' ${known.sha256} ${quoted(known.path)} | sha256sum -c -\n`;
}

function walkTo(sighting: ReportSighting, redacted: string, ground: Ground, byName: boolean): string[] {
  const walk = new Walk(ground, byName);
  const prefix = redacted.slice(0, redacted.indexOf('…')).replace(/[^A-Za-z0-9_]/g, '');
  const last =
    sighting.aspect === undefined && sighting.where.kind !== 'ref'
      ? placeIn(walk.contentOf(sighting.where), sighting, prefix)
      : namesIn(walk.namesAround(sighting.where), sighting, prefix);
  const lines = [...[...walk.notes].map((note) => `# ${note}.`), ...walk.commands, last];
  const folder = lines.some((line) => line.includes('"$T'));
  return (folder ? ['T=$(mktemp -d)', ...lines, 'rm -rf "$T"'] : lines).map((line) => `${line}\n`);
}

/** What stands at the place: from the beginning of its line, where that is near. */
function placeIn(bytes: Bytes, { column, offset, via }: ReportSighting, prefix: string): string {
  if (via.length > 0) {
    // A group of base64 may begin before the token does; a line of a dump has to be read from its beginning.
    const before = beforeIn(via[0]!, column - 1) ?? Math.min(offset, GROUP);
    const start = offset - before;
    const encoded = piped(bytes, `tail -c +${start + 1} | head -c ${before + REACH}`);
    return `${undone(encoded, via)} | ${grep(prefix)}`;
  }
  const start = offset - Math.min(column - 1, BEFORE);
  return `${piped(bytes, `tail -c +${start + 1} | head -c ${offset - start + BEHIND}`)}; echo`;
}

/** How much of the line before the place tells how it is to be read. */
function beforeIn(via: string, line: number): number | undefined {
  if (via === 'cut-lines') return Math.min(line, REACH_BEFORE);
  return DUMPS.includes(via) ? Math.min(line, BEFORE) : undefined;
}

function namesIn(bytes: Bytes, { via }: ReportSighting, prefix: string): string {
  return `${undone(printed(bytes), via)} | ${grep(prefix)}`;
}

function grep(prefix: string): string {
  return `LC_ALL=C grep -a -o '${prefix}[A-Za-z0-9_-]*' | head -n 1`;
}
