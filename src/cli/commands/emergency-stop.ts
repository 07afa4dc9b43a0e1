import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { type Context, say, show } from '../context.ts';
import { facts } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

type EmergencyStop = Awaited<ReturnType<Client['readEmergencyStop']>>;

interface ReasonOptions extends ServerOptions {
  readonly reason: string;
}

/** `emergency-stop status`, `emergency-stop engage`, `emergency-stop release`. */
export function addEmergencyStopCommands(program: Command, context: Context): void {
  const stop = program
    .command('emergency-stop')
    .description('one switch that halts, in the whole fleet, what takes files and what deletes them');
  speaksToServer(
    stop.command('status').description('show whether it is engaged, and how many agents keep to it'),
  ).action((options: ServerOptions) =>
    withClient(context, options, async (client) => tell(context, options, await client.readEmergencyStop())),
  );
  speaksToServer(stop.command('engage').description('halt every fetch, quarantine and purge; restores go on'))
    .requiredOption('--reason <TEXT>', 'why, for everybody who finds their orders waiting')
    .action((options: ReasonOptions) =>
      withClient(context, options, async (client) => {
        const engaged = await client.engageEmergencyStop({ reason: options.reason });
        if (engaged.stop !== null && engaged.stop.reason !== options.reason.trim()) {
          say(context, `It was engaged already, by ${engaged.stop.by.name}: ${engaged.stop.reason}`);
        }
        await tell(context, options, engaged);
      }),
    );
  speaksToServer(stop.command('release').description('let go on what was halted; cancel first what must not happen'))
    .requiredOption('--reason <TEXT>', 'why it may go on')
    .action((options: ReasonOptions) =>
      withClient(context, options, async (client) =>
        tell(context, options, await client.releaseEmergencyStop({ reason: options.reason })),
      ),
    );
}

async function tell(context: Context, options: ServerOptions, state: EmergencyStop): Promise<void> {
  const { stop, halts, agents } = state;
  const others = agents.tooOld === 0 ? '' : `; ${agents.tooOld} are too old to be halted`;
  const text = facts({
    'emergency stop': stop === null ? 'not engaged' : 'ENGAGED',
    ...(stop !== null && { by: stop.by.name, since: stop.engagedAt, reason: stop.reason, halts: halts.join(', ') }),
    agents: `${agents.confirmed} of the ${agents.connected} connected here have confirmed it${others}`,
  });
  await show(context, options, { json: state, text });
}
