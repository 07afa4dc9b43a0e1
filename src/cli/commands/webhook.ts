import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import type { Client } from '#sdk/client.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import { type Context, say, show } from '../context.ts';
import { table } from '../table.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';
import { addLetterCommands } from './webhook-letters.ts';

type Group = (typeof choices.eventGroups)[number];
type EventType = (typeof choices.eventTypes)[number];
type Format = (typeof choices.webhookFormats)[number];

interface ChoiceOptions extends ServerOptions {
  readonly group?: Group[];
  readonly type?: EventType[];
  readonly format?: Format;
  readonly attempts?: number;
}

interface CreateOptions extends ChoiceOptions {
  readonly name: string;
}

interface ChangeOptions extends ChoiceOptions {
  readonly name?: string;
  readonly url?: string;
  readonly allEvents?: boolean;
  readonly pause?: boolean;
  readonly resume?: boolean;
}

/** `webhook create`, `list`, `change`, `rotate`, `test`, `delete`, `letters`, `redeliver`, `drop`. */
export function addWebhookCommands(program: Command, context: Context): void {
  const webhook = program.command('webhook').description('where events are sent to as they happen (docs/feeds.md)');
  addMaking(webhook, context);
  addChanging(webhook, context);
  const named = (name: string, description: string) =>
    speaksToServer(webhook.command(name).description(description).argument('<id>', 'as "webhook list" shows it'));
  named('test', 'send one message that tells of no event, and say what came of it').action(
    (id: string, options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const result = await client.testWebhook(id);
        if (!result.taken) {
          throw new CommandFailure(`The receiver did not take the message: ${result.error}`);
        }
        await show(context, options, { json: result, text: `The receiver took it, and answered ${result.status}.\n` });
      }),
  );
  named('delete', 'end a webhook; its dead letters are forgotten, the events stay').action(
    (id: string, options: ServerOptions) =>
      withClient(context, options, async (client) => {
        await client.deleteWebhook(id);
        await show(context, options, { json: { deleted: id }, text: `The webhook ${id} is deleted.\n` });
      }),
  );
  addLetterCommands(named, context);
}

function addMaking(webhook: Command, context: Context): void {
  withChoices(
    speaksToServer(
      webhook.command('create').description('send events somewhere from now on').argument('<url>', 'an https address'),
    ).requiredOption('--name <NAME>', 'what it is for'),
  ).action((url: string, { name, ...options }: CreateOptions) =>
    withClient(context, options, async (client) => {
      const created = await client.createWebhook({ name, url, ...chosen(options) });
      say(context, `The webhook ${created.id} is there. Its secret is shown this once.`);
      await show(context, options, { json: created, text: `${created.secret}\n` });
    }),
  );
  speaksToServer(webhook.command('list').description('list webhooks, and how they are doing')).action(
    (options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const listing = await client.listWebhooks();
        const text = table(listing.items, {
          ID: (item) => item.id,
          NAME: (item) => item.name,
          URL: (item) => item.url,
          FORMAT: (item) => item.format,
          EVENTS: (item) => [...item.groups, ...item.types].join(' ') || 'all',
          STATE: stateOf,
          LAG: (item) => item.lag,
          'DEAD LETTERS': (item) => item.deadLetters,
          DELIVERED: (item) => item.deliveredAt,
          BY: (item) => item.createdBy,
        });
        await show(context, options, { json: listing, text });
      }),
  );
}

function addChanging(webhook: Command, context: Context): void {
  withChoices(
    speaksToServer(
      webhook.command('change').description('change a webhook, pause it or have it go on').argument('<id>'),
    )
      .option('--name <NAME>', 'what it is for')
      .option('--url <URL>', 'where it goes')
      .option('--all-events', 'all events, instead of some')
      .option('--pause', 'send nothing until it goes on')
      .option('--resume', 'go on, with what happened meanwhile'),
  ).action((id: string, options: ChangeOptions) => {
    const changes = changesOf(options);
    return withClient(context, options, async (client) => {
      const changed = await client.changeWebhook(id, changes);
      await show(context, options, { json: changed, text: `The webhook ${id} is changed: ${stateOf(changed)}.\n` });
    });
  });
  speaksToServer(webhook.command('rotate').description('give a webhook another secret').argument('<id>'))
    .option('--overlap <HOURS>', 'how long messages are signed with the former one, too', parseWholeNumber, 24)
    .action((id: string, options: ServerOptions & { readonly overlap: number }) =>
      withClient(context, options, async (client) => {
        const rotated = await client.rotateWebhookSecret(id, { overlapHours: options.overlap });
        const former = rotated.formerSecretUntil;
        const until =
          former === null ? 'The former one is good no longer.' : `The former one signs, too, until ${former}.`;
        say(context, `The new secret is shown this once. ${until}`);
        await show(context, options, { json: rotated, text: `${rotated.secret}\n` });
      }),
    );
}

function withChoices(command: Command): Command {
  return command
    .addOption(new Option('--group <GROUP...>', 'events that are about this').choices(choices.eventGroups))
    .addOption(new Option('--type <TYPE...>', 'events of this type').choices(choices.eventTypes))
    .addOption(new Option('--format <FORMAT>', 'how events are told').choices(choices.webhookFormats))
    .option('--attempts <N>', 'how often an event is tried before it is a dead letter', parseWholeNumber);
}

function chosen({ group, type, format, attempts }: ChoiceOptions) {
  return {
    ...(group && { groups: group }),
    ...(type && { types: type }),
    ...(format && { format }),
    ...(attempts !== undefined && { attempts }),
  };
}

function changesOf({ name, url, allEvents = false, pause = false, resume = false, ...options }: ChangeOptions) {
  if (pause && resume) {
    throw new UsageError('--pause and --resume exclude each other.');
  }
  if (allEvents && (options.group !== undefined || options.type !== undefined)) {
    throw new UsageError('--all-events goes with neither --group nor --type.');
  }
  const changes = {
    ...chosen(options),
    ...(allEvents && { groups: [], types: [] }),
    ...(name !== undefined && { name }),
    ...(url !== undefined && { url }),
    ...((pause || resume) && { paused: pause }),
  };
  if (Object.keys(changes).length === 0) {
    throw new UsageError('Say what to change; `custody webhook change --help` lists what can be.');
  }
  return changes;
}

type Shown = Awaited<ReturnType<Client['listWebhooks']>>['items'][number];

function stateOf({ paused, failingSince, lastError }: Shown): string {
  if (paused) {
    return 'paused';
  }
  return failingSince === null ? 'well' : `failing since ${failingSince}: ${lastError}`;
}
