import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { client } from '../../app/client.ts';
import { useEndpointNames } from '../../app/endpoint-names.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { Checkbox } from '../../kit/fields.tsx';
import { Answered, Empty } from '../../kit/page-states.tsx';
import { isFollowed, outcomesByAction } from './followed.ts';
import { TimelineEntry } from './timeline-entry.tsx';

const route = getRouteApi('/shell/incidents/$incidentId');
const pageEvents = 1_000;

/** What happened to the incident and in everything that was ordered for it, in order. */
export function Timeline({ incidentId }: { readonly incidentId: string }) {
  const { all = false } = route.useSearch();
  const navigate = useNavigate({ from: '/incidents/$incidentId' });
  const query = useInfiniteQuery({
    queryKey: ['events', 'timeline', incidentId],
    initialPageParam: 0,
    queryFn: ({ pageParam }) => client.readTimeline(incidentId, { after: pageParam, limit: pageEvents }),
    getNextPageParam: ({ items }) => (items.length < pageEvents ? undefined : items.at(-1)?.sequence),
  });
  const actions = useActionsOf(incidentId);
  const events = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  const names = useEndpointNames(
    useMemo(
      () => events.flatMap(({ endpointId, actor }) => [endpointId, actor.kind === 'agent' ? actor.id : null]),
      [events],
    ),
  );
  const outcomes = useMemo(() => outcomesByAction(events), [events]);
  const shown = all ? events : events.filter(isFollowed);
  return (
    <section aria-label="Timeline" className="card">
      <Checkbox
        isSelected={all}
        onChange={(isOn) =>
          void navigate({ search: (before) => ({ ...before, all: isOn || undefined }), replace: true })
        }
      >
        Everything on record, also how orders were carried
      </Checkbox>
      <Answered query={query} what="the timeline">
        {() =>
          shown.length === 0 ? (
            <Empty title="Nothing has happened yet.">
              What is ordered with the id of this incident, <code>{incidentId}</code>, stands here.
            </Empty>
          ) : (
            <ol className="timeline">
              {shown.map((event) => (
                <TimelineEntry
                  action={event.actionId === null ? undefined : actions.get(event.actionId)}
                  event={event}
                  key={event.sequence}
                  names={names}
                  outcomes={event.actionId === null ? undefined : outcomes.get(event.actionId)}
                />
              ))}
            </ol>
          )
        }
      </Answered>
      {query.hasNextPage && (
        <Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
          What came later
        </Button>
      )}
    </section>
  );
}

/** How what was ordered for the incident stands now. */
function useActionsOf(incidentId: string) {
  const mayRead = useMay('actions.read');
  const { data } = useQuery({
    queryKey: ['actions', 'incident', incidentId],
    queryFn: () => client.listActions({ incidentId, limit: 1_000 }),
    enabled: mayRead,
  });
  return useMemo(() => new Map((data?.items ?? []).map((action) => [action.id, action])), [data]);
}
