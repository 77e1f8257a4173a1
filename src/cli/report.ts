import { Command, Option } from 'commander';
import { FORMATS } from './output.js';
import type { Finish } from './program.js';

interface ReportOptions {
  readonly format: string;
  readonly output?: string;
  readonly explain?: boolean;
  readonly color: boolean;
}

export function reportCommand(finish: Finish): Command {
  return new Command('report')
    .description('Renders a saved JSON report in any other format.')
    .addHelpText('after', '\nExample:\n  guardsweep report report.json --format markdown > incident.md')
    .argument('<file>', 'a JSON report')
    .addOption(new Option('--format <format>', 'output format').choices([...FORMATS]).default('text'))
    .option('--output <file>', 'where to write it instead of standard output')
    .option('--explain', 'name the reasons behind each confidence, where the report holds them')
    .option('--no-color', 'no colours')
    .action(async (file: string, options: ReportOptions) => {
      const { runReport } = await import('./run-report.js');
      finish(await runReport(file, options));
    });
}
