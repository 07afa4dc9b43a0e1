import type { Command } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { type Place, placesOf } from '../completion/places.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { type Context, type OutputOptions, show } from '../context.ts';

const shells: Readonly<Record<string, (places: readonly Place[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `completion bash`, `zsh`, `fish`. */
export function addCompletionCommands(program: Command, context: Context): void {
  const completion = program.command('completion').description('print a script that completes commands in your shell');
  for (const [shell, scriptOf] of Object.entries(shells)) {
    completion
      .command(shell)
      .description(`for ${shell}`)
      .option('--json', 'print the result as JSON')
      .action(async (options: OutputOptions) => {
        const script = scriptOf(placesOf(program));
        await show(context, options, { json: { shell, script }, text: script });
      });
  }
}
