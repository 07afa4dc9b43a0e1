import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { client } from '../../app/client.ts';
import { now } from '../../kit/clock.ts';
import { Answered, Loading } from '../../kit/page-states.tsx';

const Bars = lazy(async () => ({ default: (await import('../../kit/bars.tsx')).Bars }));

const hour = 3_600_000;
const hours = 24;
const mostEvents = 1_000;
const asked = 20;

/** Events of the last day, hour by hour. */
export function DayChart() {
  const query = useQuery({ queryKey: ['events', 'day'], queryFn: eventsOfTheDay, refetchInterval: 60_000 });
  return (
    <section className="card">
      <h2>The last 24 hours</h2>
      <Answered query={query} what="the events of the day">
        {({ counts, since }) => (
          <Suspense fallback={<Loading what="the chart" />}>
            <Bars
              label="Events on the record, by hour"
              values={counts.map((count, index) => ({ at: since + index * hour, count }))}
            />
          </Suspense>
        )}
      </Answered>
    </section>
  );
}

async function eventsOfTheDay() {
  const since = Math.floor(now() / hour) * hour - (hours - 1) * hour;
  const counts = Array.from({ length: hours }, () => 0);
  let after = 0;
  for (let page = 0; page < asked; page += 1) {
    const { items } = await client.listEvents({ after, from: new Date(since).toISOString(), limit: mostEvents });
    for (const { at } of items) {
      const index = Math.floor((Date.parse(at) - since) / hour);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    after = items.at(-1)?.sequence ?? after;
    if (items.length < mostEvents) {
      break;
    }
  }
  return { counts, since };
}
