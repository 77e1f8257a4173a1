import type { Report } from '../model/report.js';
import { visibleJson } from './visible.js';

/** The JSON report, a piece at a time: what a report of a million findings needs is never one text. */
export function* json(report: Report): Iterable<string> {
  const { schema, run, coverage, findings, actions, plan, exit_code } = report;
  const { unscanned, ...covered } = coverage;
  yield `{\n  "schema": ${text(schema)},\n  "run": ${text(run)},\n`;
  yield `  "coverage": ${text(covered).slice(0, -1)},"unscanned":`;
  yield* list(unscanned, '    ');
  yield '},\n  "findings": ';
  yield* list(findings, '    ');
  yield ',\n  "actions": ';
  yield* list(actions, '    ');
  if (plan !== undefined) yield `,\n  "plan": ${text(plan)}`;
  yield `,\n  "exit_code": ${exit_code}\n}\n`;
}

function* list(values: readonly unknown[], indent: string): Iterable<string> {
  yield '[';
  for (const [index, value] of values.entries()) yield `${index === 0 ? '' : ','}\n${indent}${text(value)}`;
  yield values.length === 0 ? ']' : `\n${indent.slice(2)}]`;
}

function text(value: unknown): string {
  return visibleJson(JSON.stringify(value));
}
