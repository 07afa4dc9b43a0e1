import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Badge } from '../kit/badge.tsx';
import { Ago } from '../kit/moment.tsx';
import { Answered } from '../kit/page-states.tsx';
import { ShownText } from '../kit/shown-text.tsx';
import { counted } from '../words/amounts.ts';
import { type Endpoint, nameOf, presenceWords } from '../words/presences.ts';
import { client } from './client.ts';
import { useMay } from './may.ts';

const lookAgain = 3_000;
const mostShown = 20;

export type EnrolmentToken = Awaited<ReturnType<typeof client.createEnrolmentToken>>;

/** What whoever enrols a machine needs beside a token. */
export const enrolmentQuery = {
  queryKey: ['access', 'enrolment'],
  queryFn: () => client.readEnrolment(),
  staleTime: 60_000,
} as const;

/** Machines that have come since a token was made, or since ever, the newest first; asked for again and again while somebody waits for one. */
export function NewEndpoints({ since }: { readonly since: string | undefined }) {
  const mayRead = useMay('endpoints.read');
  const query = useQuery({
    queryKey: ['endpoints', 'new', since],
    queryFn: () =>
      client.listEndpoints({
        ...(since !== undefined && { enrolledFrom: since }),
        ...{ order: 'enrolledAt', direction: 'descending', limit: mostShown },
      }),
    enabled: mayRead,
    refetchInterval: lookAgain,
  });
  if (!mayRead) {
    return <p className="mute">Your role may not see which machines come.</p>;
  }
  return (
    <Answered query={query} what="who has come">
      {({ items, total }) =>
        total === 0 ? <Nobody isAwaited={since !== undefined} /> : <Come endpoints={items} total={total} />
      }
    </Answered>
  );
}

function Nobody({ isAwaited }: { readonly isAwaited: boolean }) {
  return isAwaited ? (
    <p className="mute" role="status">
      <span aria-hidden="true" className="spinner" /> Waiting for the machine …
    </p>
  ) : (
    <p className="mute">No machine has come yet.</p>
  );
}

function Come({ endpoints, total }: { readonly endpoints: readonly Endpoint[]; readonly total: number }) {
  return (
    <ul aria-label="Machines that have come" aria-live="polite" className="plain-list">
      {endpoints.map((endpoint) => (
        <li key={endpoint.id}>
          <Badge tone={presenceWords[endpoint.presence].tone}>{presenceWords[endpoint.presence].label}</Badge>{' '}
          <Link params={{ endpointId: endpoint.id }} to="/endpoints/$endpointId">
            <ShownText text={nameOf(endpoint)} />
          </Link>{' '}
          <span className="mute">
            enrolled <Ago at={endpoint.enrolledAt} />
          </span>
        </li>
      ))}
      {total > endpoints.length && <li className="mute">and {counted(total - endpoints.length, 'more endpoint')}</li>}
    </ul>
  );
}
