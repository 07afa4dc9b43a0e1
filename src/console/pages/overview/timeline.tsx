import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { client } from '../../app/client.ts';
import { now } from '../../kit/clock.ts';
import { Answered, Loading } from '../../kit/page-states.tsx';
import { counted } from '../../words/amounts.ts';
import { type Action, statusWords } from '../../words/statuses.ts';
import { hour } from './since.ts';

const Bars = lazy(async () => ({ default: (await import('../../kit/bars.tsx')).Bars }));

const hours = 24;
const pageSize = 1_000;
/** More actions than these within a day are a script's, and no chart is better for counting them. */
const mostPages = 10;

/** What was ordered in the last day, hour by hour. */
export function Timeline() {
  const query = useQuery({ queryKey: ['actions', 'day'], queryFn: actionsOfTheDay, refetchInterval: 60_000 });
  return (
    <section aria-label="The last 24 hours" className="card">
      <h2>The last 24 hours</h2>
      <Answered query={query} what="what was ordered in the last day">
        {({ values, total, bad, isWhole }) => (
          <>
            <p className="mute">
              {isWhole ? '' : 'At least '}
              {counted(total, 'action')}, {counted(bad, 'of them', 'of them')} failed or done in part only.
            </p>
            {total > 0 && (
              <Suspense fallback={<Loading what="the chart" />}>
                <Bars bad="Failed or partly done" counted="Actions" label="Actions by the hour" values={values} />
              </Suspense>
            )}
          </>
        )}
      </Answered>
    </section>
  );
}

async function actionsOfTheDay() {
  const since = Math.floor(now() / hour) * hour - (hours - 1) * hour;
  const values = Array.from({ length: hours }, (_, index) => ({ at: since + index * hour, count: 0, bad: 0 }));
  const found: Action[] = [];
  let total = 0;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await client.listActions({
      createdFrom: new Date(since).toISOString(),
      offset: found.length,
      limit: pageSize,
    });
    found.push(...answer.items);
    total = answer.total;
    if (found.length >= total || answer.items.length === 0) {
      break;
    }
  }
  for (const { createdAt, status } of found) {
    const value = values[Math.floor((Date.parse(createdAt) - since) / hour)];
    if (value !== undefined) {
      value.count += 1;
      value.bad += isBad(status) ? 1 : 0;
    }
  }
  const bad = values.reduce((sum, value) => sum + value.bad, 0);
  return { values, total: found.length, bad, isWhole: found.length >= total };
}

function isBad(status: Action['status']): boolean {
  return statusWords[status].tone === 'bad';
}
