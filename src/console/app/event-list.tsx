import { useQuery } from '@tanstack/react-query';
import type { Client } from '#sdk/client.ts';
import { Moment } from '../kit/moment.tsx';
import { Answered } from '../kit/page-states.tsx';
import { ShownText } from '../kit/shown-text.tsx';
import { eventWords } from '../words/events.ts';
import { client } from './client.ts';

type Filter = Pick<NonNullable<Parameters<Client['listEvents']>[0]>, 'actionId' | 'endpointId' | 'incidentId' | 'file'>;

/** Events that a page shows at once; the whole record is on the page Audit. */
const most = 200;

/** What the record of events has of something, the newest first. */
export function EventList({ filter }: { readonly filter: Filter }) {
  const query = useQuery({
    queryKey: ['events', filter],
    queryFn: () => client.listEvents({ ...filter, direction: 'descending', limit: most }),
  });
  return (
    <Answered query={query} what="the events">
      {({ items }) =>
        items.length === 0 ? (
          <p className="mute">Nothing is on record.</p>
        ) : (
          <ol aria-label="Events" className="events" tabIndex={0}>
            {items.map(({ sequence, type, at, actor }) => (
              <li key={sequence}>
                <Moment at={at} /> <strong>{eventWords(type)}</strong> <span className="mute">by</span>{' '}
                <ShownText text={actor.name} /> <span className="mute">#{sequence}</span>
              </li>
            ))}
          </ol>
        )
      }
    </Answered>
  );
}
