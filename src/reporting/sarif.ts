import type { Provenance } from '../model/provenance.js';
import type { Report, ReportFinding, ReportSighting } from '../model/report.js';
import { nextStep } from './advice.js';
import { severityOf } from './severity.js';
import { visible, visibleJson } from './visible.js';
import { describeWhere } from './where.js';

/** SARIF 2.1.0 (OASIS): one result per place, with the finding's fingerprint, so that code scanning follows it across commits. */
export function* sarif(report: Report): Iterable<string> {
  const rules = [...new Set(report.findings.map(({ rule }) => rule))].sort();
  const run = {
    tool: {
      driver: {
        name: 'guardsweep',
        version: report.run.version,
        rules: rules.map(ruleOf),
      },
    },
    invocations: [
      {
        executionSuccessful: report.coverage.complete,
        exitCode: report.exit_code,
        startTimeUtc: report.run.started_at,
        endTimeUtc: report.run.finished_at,
        toolExecutionNotifications: report.coverage.unscanned.map(({ where, reason, detail }) => ({
          level: 'warning',
          descriptor: { id: `unscanned/${reason}` },
          message: { text: `${describeWhere(where)}: ${visible(detail)}` },
          locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(outermost(where)) } } }],
        })),
      },
    ],
  };
  const head = stringify(run).slice(0, -1);
  yield `{"version":"2.1.0","$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[${head},"results":[`;
  let separator = '\n';
  for (const finding of report.findings) {
    for (const sighting of finding.sightings) {
      yield separator + stringify(result(finding, sighting, rules.indexOf(finding.rule)));
      separator = ',\n';
    }
  }
  yield '\n]}]}\n';
}

/** As code scanning shows it; without a severity of its own, a leaked token would count as any warning of a linter. */
function ruleOf(id: string) {
  const name = visible(id);
  return {
    id,
    shortDescription: { text: `Leaked token (${name})` },
    fullDescription: { text: `A ${name} token stands where others may read it.` },
    help: {
      text: 'Find out whether it is alive (guardsweep scan with a credential set), revoke it (--revoke), and only then take it out.',
    },
    defaultConfiguration: { level: 'error' },
    properties: { tags: ['security', 'secret'], 'security-severity': '9.0' },
  };
}

function result(finding: ReportFinding, { where, line, offset }: ReportSighting, ruleIndex: number) {
  const place = outermost(where);
  return {
    ruleId: finding.rule,
    ruleIndex,
    level: severityOf(finding),
    message: {
      text: `${visible(finding.redacted)} (${finding.verdict.state.replaceAll('_', ' ')}) at ${describeWhere(where)}:${line}. ${visible(nextStep(finding))}`,
    },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(place) },
          // Inside a container, a line is none of the file that the URI names; but code scanning refuses results
          // without one. Columns are in bytes, which SARIF has not.
          region: place === where ? { startLine: line, byteOffset: offset } : { startLine: 1 },
        },
        logicalLocations: [{ fullyQualifiedName: describeWhere(where) }],
      },
    ],
    partialFingerprints: { 'guardsweep/v1': finding.fingerprint },
    // Of what is alive nobody may close the alert.
    ...(finding.suppressed_by === undefined || severityOf(finding) !== 'note'
      ? {}
      : { suppressions: [{ kind: 'external', justification: visible(finding.suppressed_by) }] }),
  };
}

/** What a viewer could open: the file that everything else lies in. */
function outermost(where: Provenance): Provenance {
  if (where.kind === 'member') return outermost(where.container);
  return 'repository' in where && where.repository?.kind === 'member' ? outermost(where.repository) : where;
}

function uriOf(where: Provenance): string {
  const name = 'path' in where ? where.path : 'name' in where ? where.name : describeWhere(where);
  const path = Buffer.from(name).toString().split('/').map(encodeURIComponent).join('/');
  return name.startsWith('/') ? `file://${path}` : path === '' ? '.' : path;
}

function stringify(value: unknown): string {
  return visibleJson(JSON.stringify(value));
}
