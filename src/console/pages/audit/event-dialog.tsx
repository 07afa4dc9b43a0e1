import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { CustodyEvent } from '#sdk/follow-events.ts';
import { client } from '../../app/client.ts';
import { EventActor } from '../../app/event-actor.tsx';
import { Button } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { Raw } from '../../kit/raw.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { eventWords } from '../../words/events.ts';
import { factLines } from '../../words/facts.ts';
import { EventProof } from './event-proof.tsx';

interface EventDialogProps {
  readonly sequence: number;
  readonly names: ReadonlyMap<string, string>;
  onGo(sequence: number | undefined): void;
}

/** One event: what it says in words, exactly, and the proof that it is on record. */
export function EventDialog({ sequence, names, onGo }: EventDialogProps) {
  const query = useQuery({
    queryKey: ['record', 'event', sequence],
    queryFn: () => client.listEvents({ after: sequence - 1, before: sequence + 1 }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Dialog isOpen onClose={() => onGo(undefined)} title={`Event ${sequence}`} width="wide">
      <Answered query={query} what="the event">
        {({ items: [event] }) =>
          event === undefined ? (
            <Empty title={`There is no event ${sequence}, or you may not see it.`} />
          ) : (
            <Told event={event} names={names} />
          )
        }
      </Answered>
      <div className="buttons">
        <Button isDisabled={sequence === 1} onPress={() => onGo(sequence - 1)}>
          Event before
        </Button>
        <Button onPress={() => onGo(sequence + 1)}>Event after</Button>
        <Button look="main" onPress={() => onGo(undefined)}>
          Close
        </Button>
      </div>
    </Dialog>
  );
}

function Told({ event, names }: { readonly event: CustodyEvent } & Pick<EventDialogProps, 'names'>) {
  const { type, at, actor, actionId, endpointId, incidentId, facts } = event;
  return (
    <>
      <Facts
        facts={[
          ['What', <strong key="what">{eventWords(type)}</strong>],
          ['When', <Moment at={at} key="at" />],
          ['By', <EventActor actor={actor} key="by" names={names} />],
          [
            'Action',
            actionId && (
              <Link key="action" params={{ actionId }} to="/actions/$actionId">
                {actionId}
              </Link>
            ),
          ],
          [
            'Endpoint',
            endpointId && (
              <Link key="endpoint" params={{ endpointId }} to="/endpoints/$endpointId">
                <ShownText text={names.get(endpointId) ?? endpointId} />
              </Link>
            ),
          ],
          [
            'Incident',
            incidentId && (
              <Link key="incident" params={{ incidentId }} to="/incidents/$incidentId">
                {incidentId}
              </Link>
            ),
          ],
          ...factLines(facts).map(({ name, text }) => [name, <Lines key={name} text={text} />] as const),
        ]}
      />
      <Raw text={JSON.stringify(event, null, 2)} title="Exactly as the API tells it" />
      <EventProof event={event} />
    </>
  );
}

function Lines({ text }: { readonly text: string }) {
  return text.split('\n').map((line, index) => (
    <div key={index}>
      <ShownText text={line} />
    </div>
  ));
}
