import { demandIncident } from '#core/verbs/resolve-incident.ts';
import { guarded } from '../operation.ts';
import { readTimeline } from '../schemas/incident.ts';
import { showEvent } from '../show-event.ts';

export const readTimelineOperation = guarded(
  readTimeline,
  { permission: 'incidents.read', licence: [] },
  async ({ parameters: { incident: named }, query: { after, limit } }, { ports }) => {
    const events = await ports.store.read(async (reader) => {
      const { id } = await demandIncident(reader, named);
      return reader.events.list({ incidentId: id }, after, limit);
    });
    return { items: events.map(showEvent) };
  },
);
