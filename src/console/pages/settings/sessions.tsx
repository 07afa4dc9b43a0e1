import type { Client } from '#sdk/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { Ago, Moment } from '../../kit/moment.tsx';
import { SimpleTable } from '../../kit/simple-table.tsx';
import { dialectName } from '../../words/dialects.ts';

type OpenSession = Awaited<ReturnType<Client['listOwnSessions']>>['items'][number];

interface SessionsProps {
  readonly sessions: readonly OpenSession[];
  end(session: OpenSession): void;
}

/** Where somebody is logged in. */
export function Sessions({ sessions, end }: SessionsProps) {
  return sessions.length === 0 ? (
    <p className="mute">Nowhere.</p>
  ) : (
    <SimpleTable
      columns={[
        { title: 'From', show: ({ remoteAddress }) => <code>{remoteAddress}</code> },
        { title: 'At', show: ({ api }) => dialectName(api) },
        { title: 'Since', show: ({ createdAt }) => <Moment at={createdAt} /> },
        { title: 'Last used', show: ({ lastUsedAt }) => <Ago at={lastUsedAt} /> },
        { title: 'Ends', show: ({ expiresAt }) => <Moment at={expiresAt} /> },
        {
          title: 'Act',
          show: (session) =>
            session.current ? (
              <Badge tone="good">This one</Badge>
            ) : (
              <Button aria-label={`End it: the session from ${session.remoteAddress}`} onPress={() => end(session)}>
                End it
              </Button>
            ),
        },
      ]}
      label="Sessions"
      rowId={({ id }) => id}
      rows={sessions}
    />
  );
}
