import { present } from './present.js';
import { run } from './program.js';
import { watchStandardStreams } from './standard-streams.js';

let code: number | undefined;
// Where nothing is left to wait for before the end was reached, that is no success. (Set from the beginning, it would be
// what commander takes for the outcome of `help`.)
process.once('beforeExit', () => {
  if (code === undefined) process.exitCode = 2;
});

const left = watchStandardStreams(() => code);

// A defect of ours must not look like a finding: Node's own code for it is 1.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.stderr.write(`guardsweep: this is a defect, and the work was not finished: ${present(error)}\n`);
    process.exit(2);
  });
}

run(process.argv.slice(2)).then((result) => {
  code = result;
  process.exitCode = left(result);
});
