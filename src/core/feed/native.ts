import type { CustodyEvent, Json } from '../custody/event.ts';

/** An event as the native API tells it: the one shape for its lists, and for feeds in the format `native`. */
export interface NativeEvent {
  readonly sequence: number;
  readonly type: CustodyEvent['type'];
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly actor: CustodyEvent['actor'];
  readonly actionId: string | null;
  readonly endpointId: string | null;
  readonly incidentId: string | null;
  readonly facts: Readonly<Record<string, Json>>;
}

export function nativeEvent(event: CustodyEvent): NativeEvent {
  const { sequence, type, at, actor, actionId, endpointId, incidentId, facts } = event;
  return {
    sequence,
    type,
    at: new Date(at).toISOString(),
    actor: { kind: actor.kind, id: actor.id, name: actor.name },
    actionId: actionId ?? null,
    endpointId: endpointId ?? null,
    incidentId: incidentId ?? null,
    facts,
  };
}
