import type { Command } from 'commander';
import { UsageError } from '../command-error.ts';
import { type ConfirmOptions, confirm, yesOption } from '../confirm.ts';
import { type Context, show } from '../context.ts';
import { type PageOptions, paged, showList } from '../paged.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, withClient } from '../with-client.ts';

interface LetterOptions extends ServerOptions, ConfirmOptions {
  readonly event?: readonly number[];
  readonly all?: boolean;
}

/** @param named makes a command that takes the id of a webhook. */
export function addLetterCommands(named: (name: string, description: string) => Command, context: Context): void {
  paged(named('letters', 'list events that a webhook gave up')).action(
    (id: string, options: ServerOptions & PageOptions) =>
      withClient(context, options, (client) =>
        showList(context, options, {
          page: (at) => client.listDeadLetters(id, at),
          columns: {
            EVENT: (item) => item.sequence,
            'GIVEN UP': (item) => item.givenUpAt,
            ATTEMPTS: (item) => item.attempts,
            'SENT AGAIN': (item) => (item.redelivering ? 'soon' : null),
            WHY: (item) => item.error,
          },
        }),
      ),
  );
  withLetters(named('redeliver', 'send dead letters again, once each')).action((id: string, options: LetterOptions) => {
    const choice = choiceOf(options);
    return withClient(context, options, async (client) => {
      const result = await client.redeliverLetters(id, choice);
      const text = `${result.redelivering} will be sent again; "webhook letters ${id}" shows those that are not taken.\n`;
      await show(context, options, { json: result, text });
    });
  });
  withLetters(named('drop', 'throw dead letters away; the events themselves stay').option(...yesOption)).action(
    (id: string, options: LetterOptions) => {
      const choice = choiceOf(options);
      return withClient(context, options, async (client) => {
        await confirm(context, options, 'The receiver will never be told of these events.');
        const result = await client.dropLetters(id, choice);
        await show(context, options, { json: result, text: `${result.dropped} dropped.\n` });
      });
    },
  );
}

function withLetters(command: Command): Command {
  return command
    .option('--event <N>', 'number of an event; may be repeated', collect)
    .option('--all', 'all of the webhook');
}

function collect(text: string, collected: readonly number[] = []): readonly number[] {
  return [...collected, parseWholeNumber(text)];
}

function choiceOf({ event, all = false }: LetterOptions) {
  if ((event !== undefined) === all) {
    throw new UsageError('Say which: --event N, or --all.');
  }
  return event === undefined ? {} : { sequences: [...event] };
}
