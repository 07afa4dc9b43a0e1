import type { Command } from 'commander';
import { type Context, say, show } from '../context.ts';
import { durationOption } from '../duration.ts';
import { table } from '../table.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface CreateOptions extends ServerOptions {
  readonly uses: number;
  /** Seconds. */
  readonly expires: number;
  readonly tag?: readonly string[];
  readonly from?: readonly string[];
}

/** `token create`, `token list`, `token revoke`, `token authority`. */
export function addTokenCommands(program: Command, context: Context): void {
  const token = program.command('token').description('enrolment tokens');
  speaksToServer(token.command('create').description('make a token with which machines enrol'))
    .option('--uses <N>', 'how many machines may enrol with it', parseWholeNumber, 1)
    .addOption(durationOption('--expires <DURATION>', 'how long it works', '24h'))
    .option('--tag <TAG...>', 'tags that the machines get')
    .option('--from <ADDRESS...>', 'addresses or ranges that machines may enrol from, for example 192.0.2.0/24')
    .action((options: CreateOptions) =>
      withClient(context, options, async (client) => {
        const { uses, expires: lifetimeSeconds, tag = [], from = [] } = options;
        const created = await client.createEnrolmentToken({
          uses,
          lifetimeSeconds,
          tags: [...tag],
          addresses: [...from],
        });
        say(context, `For ${uses} enrolment(s) until ${created.expiresAt}. It is shown this once.`);
        await show(context, options, { json: created, text: `${created.token}\n` });
      }),
    );
  speaksToServer(token.command('list').description('list tokens, without their secrets')).action(
    (options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const listing = await client.listEnrolmentTokens();
        const text = table(listing.items, {
          ID: (item) => item.id,
          'USES LEFT': (item) => item.usesLeft,
          EXPIRES: (item) => item.expiresAt,
          TAGS: (item) => item.tags.join(' '),
          BY: (item) => item.createdBy,
          FROM: (item) => item.addresses.join(' '),
          WITHDRAWN: (item) => item.revokedAt,
        });
        await show(context, options, { json: listing, text });
      }),
  );
  speaksToServer(token.command('revoke').description('withdraw a token for good, at once').argument('<id>')).action(
    (id: string, options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const revoked = await client.revokeEnrolmentToken(id);
        await show(context, options, { json: revoked, text: `Token ${id} is withdrawn.\n` });
      }),
  );
  speaksToServer(
    token.command('authority').description('print the authority that machines have to trust to enrol (PEM)'),
  ).action((options: ServerOptions) =>
    withClient(context, options, async (client) => {
      const enrolment = await client.readEnrolment();
      if (enrolment.authority === null) {
        say(context, 'This server shows a certificate that it was given: name the authority that signed it.');
      }
      await show(context, options, { json: enrolment, text: enrolment.authority ?? '' });
    }),
  );
}
