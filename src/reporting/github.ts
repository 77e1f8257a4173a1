import type { Provenance } from '../model/provenance.js';
import type { Report } from '../model/report.js';
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
    const first = finding.sightings.find(({ where }) => fileOf(where) !== undefined) ?? finding.sightings[0];
    const more = (finding.sightings_total ?? finding.sightings.length) - 1;
    const message = `${finding.redacted} (${finding.verdict.state.replaceAll('_', ' ')}) at ${describeWhere(first!.where)}:${first!.line}:${first!.column}${more > 0 ? ` and ${more} more` : ''}. ${nextStep(finding)} ${finding.fingerprint}`;
    const place = fileOf(first!.where);
    yield command(
      COMMANDS[severityOf(finding)],
      {
        ...(place === undefined ? {} : { file: place, line: `${first!.line}` }),
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

/** The file of the checkout that an annotation can stand on. */
function fileOf(where: Provenance): string | undefined {
  return where.kind === 'file' || where.kind === 'staged' ? where.path : undefined;
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
