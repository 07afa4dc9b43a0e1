import { startScript } from '../processes.ts';
import { type FleetCommand, type FleetEvent, fleetEventSchema } from './protocol.ts';

type Start = Omit<Extract<FleetCommand, { command: 'start' }>, 'command'>;

/** The bench's end of a fleet of simulated agents, which runs in a process of its own. */
export interface Fleet {
  /** So many more of them. */
  connect(agents: number): Promise<void>;
  /** From now on counts what servers confirm. */
  expect(recorded: number): Promise<void>;
  /** @returns when the last of what was expected was confirmed, as `preciseNow` has it. */
  recorded(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a fleet and, against Custody, enrols it. */
export async function startFleet(start: Start): Promise<Fleet> {
  const process = startScript('bench/fleet/main.ts');
  const tell = (command: FleetCommand) => process.say(JSON.stringify(command));
  const next = async <Kind extends FleetEvent['event']>(kind: Kind): Promise<Extract<FleetEvent, { event: Kind }>> => {
    const event = fleetEventSchema.parse(JSON.parse(await process.next()));
    if (!isOfKind(event, kind)) {
      throw new Error(`The fleet said ${event.event}, not ${kind}.`);
    }
    return event;
  };
  tell({ command: 'start', ...start });
  await next('enrolled');
  return {
    async connect(agents) {
      tell({ command: 'connect', agents });
      await next('connected');
    },
    async expect(recorded) {
      tell({ command: 'expect', recorded });
      await next('armed');
    },
    recorded: async () => (await next('recorded')).at,
    async stop() {
      tell({ command: 'stop' });
      await process.ended;
    },
  };
}

function isOfKind<Kind extends FleetEvent['event']>(
  event: FleetEvent,
  kind: Kind,
): event is Extract<FleetEvent, { event: Kind }> {
  return event.event === kind;
}
