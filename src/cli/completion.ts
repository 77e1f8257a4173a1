import { Argument, Command } from 'commander';
import type { Finish } from './program.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

const EXAMPLES = `
Examples:
  guardsweep completion bash > /etc/bash_completion.d/guardsweep
  guardsweep completion zsh  >> ~/.zshrc
  guardsweep completion fish > ~/.config/fish/completions/guardsweep.fish`;

export function completionCommand(finish: Finish): Command {
  const command = new Command('completion')
    .description('Prints what a shell needs to complete commands and options.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES);
  return command.action((shell: (typeof SHELLS)[number]) => {
    const program = command.parent ?? command;
    process.stdout.write(shell === 'fish' ? fish(program) : `${shell === 'zsh' ? ZSH : ''}${bash(program)}`);
    finish(0);
  });
}

/** zsh reads bash's completions, once it is told to, which needs its own to be there. */
const ZSH = `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
autoload -Uz +X bashcompinit && bashcompinit
`;

interface Place {
  /** The words that lead there, as `tokens list`; empty for the program itself. */
  readonly path: string;
  readonly words: readonly string[];
  readonly command: Command;
}

function places(command: Command, path: readonly string[] = []): Place[] {
  const subs = command.commands;
  const options = command.options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long]));
  const values = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const words = [...subs.map((sub) => sub.name()), ...values, ...options, '--help'];
  return [
    { path: path.join(' '), words, command },
    ...subs.flatMap((sub) => places(sub, [...path, sub.name()])),
  ];
}

/** None of its variables is called as one that means something to zsh, as `path` and `words` do. */
function bash(program: Command): string {
  const all = places(program);
  const cases = all.map(({ path, words }) => `    '${path}') offers='${words.join(' ')}' ;;`);
  const choices = all.flatMap(({ path, command }) =>
    command.options.flatMap(({ long, argChoices }) =>
      argChoices === undefined ? [] : [`    '${path} ${long}') files=; offers='${argChoices.join(' ')}' ;;`],
    ),
  );
  const closed = all
    .filter(({ command }) => takesNoFile(command))
    .map(({ path }) => `*:'${path}'`)
    .join('|');
  const known = all.map(({ path }) => `'${path}'`).join('|');
  return `_guardsweep() {
  local current=\${COMP_WORDS[COMP_CWORD]} at='' word next offers=''
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    next="\${at:+$at }$word"
    case "$next" in ${known}) at=$next ;; esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  local files=yes
  case "\${COMP_WORDS[$((COMP_CWORD - 1))]}:$at" in -*) ;; ${closed}) files='' ;; esac
  case "$at \${COMP_WORDS[$((COMP_CWORD - 1))]}" in
${choices.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$offers" -- "$current"))
  case "$files$current" in yes-*|'') ;; yes*) local IFS=$'\\n'; COMPREPLY+=($(compgen -f -- "$current")) ;; esac
}
complete -o filenames -F _guardsweep guardsweep
`;
}

/** Whether what stands there without an option can only be one of its own words. */
function takesNoFile({ commands, registeredArguments }: Command): boolean {
  return commands.length > 0 || registeredArguments.every(({ argChoices }) => argChoices !== undefined);
}

function fish(program: Command): string {
  const lines = places(program).flatMap(({ path, command }) => {
    const names = path === '' ? [] : path.split(' ');
    const subs = command.commands.map((sub) => sub.name());
    const here = [
      ...names.map((name) => `__fish_seen_subcommand_from ${name}`),
      ...(subs.length > 0 ? [`not __fish_seen_subcommand_from ${subs.join(' ')}`] : []),
    ].join('; and ');
    const when = here === '' ? '' : ` -n '${here}'`;
    return [
      ...command.commands.map(
        (sub) => `complete -c guardsweep${when} -a ${sub.name()} -d '${quoted(sub.description())}'`,
      ),
      ...command.registeredArguments.flatMap(({ argChoices }) =>
        argChoices === undefined ? [] : [`complete -c guardsweep${when} -a '${argChoices.join(' ')}'`],
      ),
      ...command.options.flatMap(({ long, description, argChoices, required }) => {
        if (!long) return [];
        const value = argChoices !== undefined ? ` -x -a '${argChoices.join(' ')}'` : required ? ' -r' : '';
        return [`complete -c guardsweep${when} -l ${long.slice(2)}${value} -d '${quoted(description)}'`];
      }),
      ...(takesNoFile(command) ? [`complete -c guardsweep${when} -f`] : []),
    ];
  });
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
