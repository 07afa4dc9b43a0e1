import { type Command, InvalidArgumentError } from 'commander';
import { choices } from '#sdk/choices.ts';
import type { Client } from '#sdk/client.ts';
import { type Context, show } from '../context.ts';
import { parseDuration, shownDuration } from '../duration.ts';
import { facts } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

type Lifetimes = Awaited<ReturnType<Client['readLifetimes']>>;
type Change = readonly [verb: string, seconds: number];

/** `lifetime show`, `lifetime set`. */
export function addLifetimeCommands(program: Command, context: Context): void {
  const lifetime = program.command('lifetime').description('how long orders wait for endpoints that are away');
  speaksToServer(lifetime.command('show').description('show how long, by verb')).action((options: ServerOptions) =>
    withClient(context, options, async (client) => tell(context, options, await client.readLifetimes())),
  );
  const words = `such as fetch=2d, from 1h to 30d; verbs are ${choices.verbs.join(', ')}`;
  speaksToServer(lifetime.command('set').description('set how long, for orders from now on'))
    .argument('<verb=duration...>', words, collectChange)
    .action((changes: readonly Change[], options: ServerOptions) =>
      withClient(context, options, async (client) =>
        tell(context, options, await client.changeLifetimes(Object.fromEntries(changes))),
      ),
    );
}

function collectChange(text: string, collected: readonly Change[] = []): readonly Change[] {
  const [verb = '', duration = ''] = text.split('=');
  if (!choices.verbs.some((known) => known === verb)) {
    throw new InvalidArgumentError(`Write one of ${choices.verbs.join(', ')}, "=" and a duration: fetch=2d.`);
  }
  return [...collected, [verb, parseDuration(duration)]];
}

async function tell(context: Context, options: ServerOptions, lifetimes: Lifetimes): Promise<void> {
  const shown = Object.entries(lifetimes).map(([verb, seconds]) => [verb, shownDuration(seconds)] as const);
  await show(context, options, { json: lifetimes, text: facts(Object.fromEntries(shown)) });
}
