import { Command, CommanderError, Help, type Option } from 'commander';
import { VERSION } from '../model/version.js';
import { applyCommand } from './apply.js';
import { refuseSecrets } from './arguments.js';
import { auditCommand } from './audit.js';
import { completionCommand } from './completion.js';
import { doctorCommand } from './doctor.js';
import { drillCommand } from './drill.js';
import { emulatorCommand } from './emulator.js';
import { hookCommand } from './hook.js';
import { inventoryCommand } from './inventory.js';
import { locateCommand } from './locate.js';
import { offboardCommand } from './offboard.js';
import { planCommand } from './plan.js';
import { exitCodeOf, present } from './present.js';
import { ensureCommand, onboardCommand } from './provision.js';
import { reportCommand } from './report.js';
import { resumeCommand } from './resume.js';
import { rotateCommand } from './rotate.js';
import { rulesCommand } from './rules.js';
import { scanCommand } from './scan.js';
import { tokensCommand } from './tokens.js';

/** How a command ends: it gives its exit code here, and returns. */
export type Finish = (code: number) => void;

const OUTLINE = `
Exit codes:
  0  everything was scanned; nothing found
  1  findings: at least one of high confidence, or one that proved active
  2  something could not be scanned; it is listed
  3  the call, the configuration or the credential is wrong; nothing was done
  4  a token that was to be revoked is not proven dead

Is anything alive in this archive?
  guardsweep scan leak.zip`;

const COMMANDS = [
  scanCommand,
  planCommand,
  applyCommand,
  resumeCommand,
  rotateCommand,
  offboardCommand,
  onboardCommand,
  ensureCommand,
  inventoryCommand,
  tokensCommand,
  reportCommand,
  locateCommand,
  auditCommand,
  hookCommand,
  rulesCommand,
  doctorCommand,
  drillCommand,
  emulatorCommand,
  completionCommand,
];

/** Runs the program and gives its exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command('guardsweep')
    .description('Finds leaked Takumi Guard tokens, proves which are alive, and revokes them when asked.')
    .version(VERSION)
    .addHelpText('after', OUTLINE);
  for (const command of COMMANDS) {
    program.addCommand(
      command((result) => {
        code = result;
      }),
    );
  }
  answerAlike(program);
  try {
    refuseSecrets(args);
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 3;
    process.stderr.write(`guardsweep: ${present(error)}\n`);
    return exitCodeOf(error);
  }
}

/** Of what may be given again and again, “default: []” says nothing. */
function withoutEmptyDefault(option: Option): Option {
  const empty = Array.isArray(option.defaultValue) && option.defaultValue.length === 0;
  return empty ? Object.create(option, { defaultValue: { value: undefined } }) : option;
}

/** Commander's own errors are thrown, not exits, in every command: a wrong option is exit code 3 here. */
function answerAlike(command: Command): void {
  command
    .exitOverride()
    .showHelpAfterError('(add --help to see what there is)')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'guardsweep: ')) })
    .configureHelp({
      // With all that each takes, their descriptions would not fit beside them.
      subcommandTerm: (sub) => sub.name(),
      optionDescription: (option) => Help.prototype.optionDescription(withoutEmptyDefault(option)),
    });
  for (const sub of command.commands) answerAlike(sub);
}
