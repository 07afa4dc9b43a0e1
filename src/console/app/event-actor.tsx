import type { CustodyEvent } from '#sdk/follow-events.ts';
import { ShownText } from '../kit/shown-text.tsx';
import { actorWords } from '../words/people.ts';

interface EventActorProps {
  readonly actor: CustodyEvent['actor'];
  /** Host names of endpoints by their ids: an agent is called by its machine. */
  readonly names: ReadonlyMap<string, string>;
}

/** Who caused an event. */
export function EventActor({ actor: { kind, id, name }, names }: EventActorProps) {
  if (kind === 'server') {
    return 'the server itself';
  }
  return (
    <>
      {actorWords[kind]}
      <ShownText text={kind === 'agent' ? (names.get(id) ?? id.slice(0, 12)) : name} />
    </>
  );
}
