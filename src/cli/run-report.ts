import { withOutputs, writeOutputs } from './output.js';
import { readReport } from './saved-report.js';
import { terminal } from './terminal.js';

interface RenderOptions {
  readonly format: string;
  readonly output?: string;
  readonly explain?: boolean;
  readonly color: boolean;
}

export async function runReport(file: string, options: RenderOptions): Promise<number> {
  const report = readReport(file);
  return withOutputs(options, [file], (outputs) =>
    writeOutputs(outputs, report, terminal(options), options.explain),
  );
}
