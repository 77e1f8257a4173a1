import type { CommitProvenance, Provenance } from '../model/provenance.js';
import type { Report, ReportFinding, ReportSighting } from '../model/report.js';
import { nextStep } from './advice.js';
import { type Severity, severityOf } from './severity.js';
import { visible } from './visible.js';
import { describeWhere } from './where.js';

/**
 * Annotations for GitHub Actions: one workflow command a finding and unread thing, on its first place in the checkout:
 * what only history holds has no line to stand on.
 */
export function* github(report: Report): Iterable<string> {
  for (const finding of report.findings) {
    const first = bestPlace(finding.sightings);
    const more = (finding.sightings_total ?? finding.sightings.length) - 1;
    const message = `${finding.redacted} (${finding.verdict.state.replaceAll('_', ' ')}) at ${describeWhere(first.where)}:${first.line}:${first.column}${more > 0 ? ` and ${more} more` : ''}. ${nextStep(finding)} ${finding.fingerprint}`;
    const place = fileOf(first.where);
    yield command(
      COMMANDS[severityOf(finding)],
      {
        ...(place === undefined ? {} : { file: place, line: lineOf(first) }),
        title: `Leaked token: ${finding.rule}`,
      },
      message,
    );
  }
  for (const { where, reason, detail } of report.coverage.unscanned) {
    const place = fileOf(where);
    yield command(
      'warning',
      { ...(place === undefined ? {} : { file: place }), title: `Not scanned: ${reason}` },
      `${describeWhere(where)}: ${detail}`,
    );
  }
}

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** One that an annotation can stand on where there is any, and rather a line than the container around it. */
function bestPlace(sightings: ReportFinding['sightings']): ReportSighting {
  const shown = sightings.filter(({ where }) => fileOf(where) !== undefined);
  return shown.find(({ where }) => where.kind !== 'member') ?? shown[0] ?? sightings[0]!;
}

/** The file of the checkout that an annotation can stand on. */
function fileOf(where: Provenance): string | undefined {
  switch (where.kind) {
    case 'file':
    case 'staged':
      return where.path;
    case 'member':
      return fileOf(where.container);
    case 'commit':
      return where.head === true ? inCheckout(where) : undefined;
    default:
      return undefined;
  }
}

/** What a commit brought in and HEAD still holds lies in the work tree beside the repository's folder. */
function inCheckout({ repository, path }: CommitProvenance): string | undefined {
  if (repository?.kind !== 'file' || !/(^|\/)\.git$/.test(repository.path)) return undefined;
  return repository.path.replace(/\.git$/, '') + path;
}

/** A line of what lies in a container is none of the container. */
function lineOf({ where, line }: ReportSighting): string {
  return where.kind === 'member' ? '1' : `${line}`;
}

function command(name: string, properties: Record<string, string>, message: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
  return `::${name} ${list.join(',')}::${data(message)}\n`;
}

/** As the runner's own toolkit escapes them (actions/toolkit, `command.ts`), after what is invisible was shown. */
function data(text: string): string {
  return visible(text).replaceAll('%', '%25');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
