import type { Provenance } from '../model/provenance.js';
import type { Report, ReportFinding, ReportSighting } from '../model/report.js';
import { nextStep } from './advice.js';
import { visible, visibleJson } from './visible.js';
import { describeWhere } from './where.js';

/** SARIF 2.1.0 (OASIS): one result a place, with the finding's fingerprint, so that code scanning follows it across commits. */
export function* sarif(report: Report): Iterable<string> {
  const rules = [...new Set(report.findings.map(({ rule }) => rule))].sort();
  const run = {
    tool: {
      driver: {
        name: 'guardsweep',
        version: report.run.version,
        rules: rules.map((id) => ({ id, shortDescription: { text: `Leaked token (${visible(id)})` } })),
      },
    },
    invocations: [
      {
        executionSuccessful: report.coverage.complete,
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

function result(finding: ReportFinding, { where, line, offset }: ReportSighting, ruleIndex: number) {
  const place = outermost(where);
  return {
    ruleId: finding.rule,
    ruleIndex,
    level: levelOf(finding),
    message: {
      text: `${visible(finding.redacted)} (${finding.verdict.state.replaceAll('_', ' ')}) at ${describeWhere(where)}:${line}. ${visible(nextStep(finding))}`,
    },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(place) },
          // Inside a container, a line is none of the file that the URI names. Columns are in bytes, which SARIF has not.
          ...(place === where ? { region: { startLine: line, byteOffset: offset } } : {}),
        },
        logicalLocations: [{ fullyQualifiedName: describeWhere(where) }],
      },
    ],
    partialFingerprints: { 'guardsweep/v1': finding.fingerprint },
    ...(finding.suppressed_by === undefined
      ? {}
      : { suppressions: [{ kind: 'external', justification: visible(finding.suppressed_by) }] }),
  };
}

function levelOf({ verdict, confidence }: ReportFinding): 'error' | 'warning' | 'note' {
  if (verdict.state === 'active') return 'error';
  if (verdict.state === 'inactive' || verdict.state === 'inactive_or_foreign') return 'note';
  return confidence === 'high' ? 'error' : 'warning';
}

/** What a viewer could open: the file that everything else lies in. */
function outermost(where: Provenance): Provenance {
  if (where.kind === 'member') return outermost(where.container);
  return 'repository' in where && where.repository?.kind === 'member' ? outermost(where.repository) : where;
}

function uriOf(where: Provenance): string {
  const name = 'path' in where ? where.path : 'name' in where ? where.name : describeWhere(where);
  const path = visible(name).split('/').map(encodeURIComponent).join('/');
  return name.startsWith('/') ? `file://${path}` : path === '' ? '.' : path;
}

function stringify(value: unknown): string {
  return visibleJson(JSON.stringify(value));
}
