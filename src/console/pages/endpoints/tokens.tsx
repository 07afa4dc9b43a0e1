import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { now } from '../../kit/clock.ts';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { Moment } from '../../kit/moment.tsx';
import { tell } from '../../kit/notices.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { SimpleTable } from '../../kit/simple-table.tsx';
import { Tags } from './fleet-columns.tsx';

type Token = Awaited<ReturnType<typeof client.listEnrolmentTokens>>['items'][number];

/** What a token is still good for. */
function standingOf({ revokedAt, expiresAt, usesLeft }: Token) {
  if (revokedAt !== null) {
    return { label: 'Withdrawn', tone: 'mute' } as const;
  }
  if (Date.parse(expiresAt) <= now()) {
    return { label: 'Expired', tone: 'mute' } as const;
  }
  return usesLeft === 0 ? ({ label: 'Used up', tone: 'mute' } as const) : ({ label: 'Good', tone: 'good' } as const);
}

export function Tokens() {
  const [asked, setAsked] = useState<Token>();
  const query = useQuery({ queryKey: ['access', 'tokens'], queryFn: () => client.listEnrolmentTokens() });
  return (
    <>
      <Answered query={query} what="the tokens">
        {({ items }) =>
          items.length === 0 ? (
            <p className="mute">There is no token. Nobody can enrol until one is made.</p>
          ) : (
            <SimpleTable
              columns={[
                {
                  title: 'Token',
                  show: (token) => <Badge tone={standingOf(token).tone}>{standingOf(token).label}</Badge>,
                },
                { title: 'Uses left', show: ({ usesLeft }) => usesLeft },
                { title: 'Until', show: ({ expiresAt }) => <Moment at={expiresAt} /> },
                { title: 'Tags', show: ({ tags }) => <Tags tags={tags} /> },
                { title: 'From', show: ({ addresses }) => (addresses.length === 0 ? 'anywhere' : addresses.join(', ')) },
                { title: 'Made by', show: ({ createdBy }) => <ShownText text={createdBy} /> },
                { title: 'Made', show: ({ createdAt }) => <Moment at={createdAt} /> },
                {
                  title: 'Act',
                  show: (token) =>
                    standingOf(token).label === 'Good' && (
                      <Button onPress={() => setAsked(token)}>Withdraw …</Button>
                    ),
                },
              ]}
              label="Enrolment tokens"
              rowId={({ id }) => id}
              rows={items}
            />
          )
        }
      </Answered>
      <WithdrawDialog close={() => setAsked(undefined)} token={asked} />
    </>
  );
}

function WithdrawDialog({ token, close }: { readonly token: Token | undefined; close(): void }) {
  const queries = useQueryClient();
  return (
    <FormDialog
      act={async () => {
        if (token !== undefined) {
          await client.revokeEnrolmentToken(token.id);
          await queries.invalidateQueries({ queryKey: ['access', 'tokens'] });
          tell('The token is withdrawn: nobody enrols with it any more.');
        }
      }}
      isDanger
      isOpen={token !== undefined}
      onClose={close}
      title="Withdraw this token for good?"
      word="Withdraw it"
    >
      <p>
        From now on nobody enrols with it; {token?.usesLeft ?? 0} of its uses are lost. Machines that enrolled with it
        stay.
      </p>
    </FormDialog>
  );
}
