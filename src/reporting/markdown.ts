import type { Report, ReportFinding } from '../model/report.js';
import { nextStep } from './advice.js';
import { describeLayers } from './layers.js';
import { visible } from './visible.js';
import { describeWhere } from './where.js';

const PLACES = 20;

/** For issues, chats and job summaries. Texts of others stand in `<code>`, where nothing is a link, a mention or markup. */
export function* markdown(report: Report): Iterable<string> {
  const { findings, coverage } = report;
  yield `# guardsweep\n\n${findings.length} distinct ${findings.length === 1 ? 'token' : 'tokens'} found.`;
  yield coverage.complete ? '\n' : ` **Incomplete: ${coverage.unscanned.length} could not be read.**\n`;
  for (const finding of findings) yield* findingText(finding);
  if (coverage.complete) return;
  yield '\n## Not scanned\n\n';
  for (const { where, reason, detail } of coverage.unscanned) {
    yield `- ${code(describeWhere(where))} ${reason.replaceAll('_', ' ')}: ${code(detail)}\n`;
  }
}

function* findingText(finding: ReportFinding): Iterable<string> {
  const { redacted, verdict, remediation, sightings, fingerprint, rule, confidence } = finding;
  yield `\n## ${code(redacted)} ${verdict.state.replaceAll('_', ' ')}\n\n`;
  yield `- rule ${code(rule)}, ${confidence} confidence, fingerprint ${code(fingerprint)}\n`;
  if (verdict.user_identifier !== undefined) yield `- user ${code(verdict.user_identifier)}\n`;
  if (verdict.token_id !== undefined)
    yield `- token ID ${code(verdict.token_id)} by ${code(verdict.evidence ?? '')}\n`;
  if (verdict.reason !== undefined) yield `- reason: ${code(verdict.reason)}\n`;
  if (remediation.state !== 'none') {
    const reason = remediation.reason === undefined ? '' : `: ${code(remediation.reason)}`;
    yield `- remediation: **${remediation.state.replaceAll('_', ' ')}**${reason}\n`;
  }
  yield `- next: ${code(nextStep(finding))}\n`;
  for (const { where, line, column, via, aspect } of sightings.slice(0, PLACES)) {
    const layers = describeLayers(where);
    const decoded = via.length === 0 ? '' : ` in ${code(via.join(', then '))}`;
    yield `- at ${code(`${describeWhere(where)}:${line}:${column}`)}${aspect === undefined ? '' : ' in its name'}${decoded}${layers === '' ? '' : code(layers)}\n`;
  }
  const more = (finding.sightings_total ?? sightings.length) - Math.min(PLACES, sightings.length);
  if (more > 0) yield `- and ${more} more places\n`;
}

/** Every character that could mean something to Markdown or HTML becomes a numeric entity. */
function code(text: string): string {
  const safe = visible(text).replace(/[^\p{L}\p{N} ]/gu, (character) => `&#${character.codePointAt(0)};`);
  return `<code>${safe}</code>`;
}
