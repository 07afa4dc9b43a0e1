import type { Command } from 'commander';
import { type Context, show } from '../context.ts';
import { facts } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface ReasonOptions extends ServerOptions {
  readonly reason: string;
}

/** `clock accept`. */
export function addClockCommands(program: Command, context: Context): void {
  const clock = program.command('clock').description('the clock of the machine on which a server runs');
  speaksToServer(
    clock
      .command('accept')
      .description('say that a clock which jumped is right; what is overdue by it expires, for good'),
  )
    .requiredOption('--reason <TEXT>', 'why it jumped')
    .action((options: ReasonOptions) =>
      withClient(context, options, async (client) => {
        const accepted = await client.acceptClock({ reason: options.reason });
        const { time, ended } = accepted;
        const clock = ended === null ? 'was believed already' : `accepted: ${aheadWords(ended.aheadSeconds)}`;
        await show(context, options, { json: accepted, text: facts({ clock, time }) });
      }),
    );
}

/** What a server's doubt means, for `status`. */
export function doubtWords(doubt: { readonly kind: 'jumped' | 'absent'; readonly aheadSeconds: number }): string {
  const what = doubt.kind === 'jumped' ? 'the machine’s clock jumped' : 'the server was away, or the clock is wrong';
  return `NOT BELIEVED: ${what}: ${aheadWords(doubt.aheadSeconds)}; where it is right: custody clock accept`;
}

function aheadWords(seconds: number): string {
  return `${Math.abs(seconds)} seconds ${seconds < 0 ? 'back' : 'ahead'}`;
}
