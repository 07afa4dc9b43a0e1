import { Fault } from '#core/fault.ts';
import { type Guid, parseGuid } from '#core/file/guid.ts';
import { historyOfFile } from '#core/verbs/file-history.ts';
import { eventFilterOf } from '../event-filter.ts';
import { guarded } from '../operation.ts';
import { listEvents } from '../schemas/event.ts';
import { showEvent } from '../show-event.ts';

export const listEventsOperation = guarded(
  listEvents,
  { permission: 'events.read', licence: [] },
  async ({ query: { after, before, direction, from, to, file, limit, ...asked } }, { ports }) => {
    const filter = {
      ...eventFilterOf(asked),
      ...(before !== undefined && { upTo: before - 1 }),
      ...(from !== undefined && { from: Date.parse(from) }),
      ...(to !== undefined && { to: Date.parse(to) }),
    };
    const events = await ports.store.read(
      async (reader) => {
        const ofFile = file === undefined ? {} : await historyOfFile(reader, demandGuid(file));
        const whole = { ...filter, ...ofFile };
        return direction === 'ascending'
          ? reader.events.list(whole, after, limit)
          : reader.events.latest(whole, after, limit);
      },
      { search: true },
    );
    return { items: events.map(showEvent) };
  },
);

function demandGuid(text: string): Guid {
  const guid = parseGuid(text);
  if (guid === undefined) {
    throw new Fault('not_found', `No endpoint has reported a file ${text}.`, { details: { what: 'file' } });
  }
  return guid;
}
