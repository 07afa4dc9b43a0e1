import { z } from 'zod';
import { type EventKind, type EventType, eventKinds, eventTypes, typesOf } from '../../words/events.ts';

const text = z.string().min(1).optional().catch(undefined);
const digits = z.coerce
  .string()
  .regex(/^[1-9][0-9]{0,15}$/)
  .optional()
  .catch(undefined);
const instant = z.iso.datetime({ offset: true }).optional().catch(undefined);

/** What the address of the page holds: whoever is sent it sees the same events, and the one that is open. */
export const auditSearch = z.object({
  /** One type, or all of one kind. */
  what: z
    .enum([...eventKinds, ...eventTypes])
    .optional()
    .catch(undefined),
  actor: text,
  /** Id or host name. */
  endpoint: text,
  action: digits,
  incident: digits,
  from: instant,
  to: instant,
  event: z.coerce.number().int().min(1).optional().catch(undefined),
});

export type AuditSearch = z.infer<typeof auditSearch>;

function typesIn(what: EventKind | EventType): EventType[] {
  const kind = eventKinds.find((each) => each === what);
  return kind === undefined ? eventTypes.filter((type) => type === what) : [...typesOf(kind)];
}

/** As the API takes it; the endpoint by its id. */
export function eventFilterOf({ what, actor, action, incident, from, to }: AuditSearch, endpointId?: string) {
  return {
    ...(what !== undefined && { type: typesIn(what) }),
    ...(actor !== undefined && { actor }),
    ...(endpointId !== undefined && { endpointId }),
    ...(action !== undefined && { actionId: action }),
    ...(incident !== undefined && { incidentId: incident }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

export type EventFilter = ReturnType<typeof eventFilterOf>;
