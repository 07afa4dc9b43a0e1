import { type Command, Option } from 'commander';
import { examples } from './examples.ts';

/** What a command stands for is a set of things; people write one of them as often, so that both words are known. */
const plurals: Readonly<Record<string, string>> = {
  action: 'actions',
  alert: 'alerts',
  endpoint: 'endpoints',
  event: 'events',
  file: 'files',
  hash: 'hashes',
  incident: 'incidents',
  key: 'keys',
  lifetime: 'lifetimes',
  remediation: 'remediations',
  role: 'roles',
  token: 'tokens',
  user: 'users',
  webhook: 'webhooks',
};

/** A command that does something, with the words that lead to it. */
export interface Leaf {
  readonly words: readonly string[];
  readonly command: Command;
}

/** Everything below a command that can be run, itself left out, in the order of the help. */
export function leavesOf(command: Command, words: readonly string[] = []): readonly Leaf[] {
  return command.commands.flatMap((child) => {
    const path = [...words, child.name()];
    return isRun(child) ? [{ words: path, command: child }, ...leavesOf(child, path)] : leavesOf(child, path);
  });
}

/** A group has no options of its own: what is done, a word after it says. */
function isRun(command: Command): boolean {
  return command.commands.length === 0 || command.options.length > 0;
}

/** What all commands have in common, whoever wrote them: names, `--quiet`, and examples in the help. */
export function finishCommands(program: Command): void {
  for (const command of program.commands) {
    const plural = plurals[command.name()];
    if (plural !== undefined) {
      const singular = command.name();
      command.name(plural).alias(singular);
    }
  }
  for (const { words, command } of leavesOf(program)) {
    command.addOption(new Option('-q, --quiet', 'print nothing but the result and errors'));
    const lines = examples[words.join(' ')] ?? [];
    if (lines.length > 0) {
      command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  custody ${line}\n`).join('')}`);
    }
  }
}

/** One spelling in the help; the other is for the hands. */
export function termOf(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const shown = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${shown}>` : `[${shown}]`;
  });
  return [command.name(), ...(command.options.length > 0 ? ['[options]'] : []), ...words].join(' ');
}
