import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { useDoing } from '../../kit/doing.ts';
import { Moment } from '../../kit/moment.tsx';
import { tell } from '../../kit/notices.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { SimpleTable } from '../../kit/simple-table.tsx';
import { counted } from '../../words/amounts.ts';
import type { Webhook } from '../../words/webhooks.ts';

const mostShown = 200;

/** Events that a webhook gave up: sent again, or thrown away. */
export function DeadLetters({ webhook, close }: { readonly webhook: Webhook; close(): void }) {
  const query = useQuery({
    queryKey: ['webhooks', webhook.id, 'letters'],
    queryFn: () => client.listDeadLetters(webhook.id, { limit: mostShown }),
    refetchInterval: 5_000,
  });
  return (
    <Dialog isOpen onClose={close} title={`Dead letters of ${webhook.name}`} width="wide">
      <Answered query={query} what="the dead letters">
        {({ items, total }) => (
          <div className="stack">
            {total === 0 ? (
              <p className="mute">There is none any more.</p>
            ) : (
              <SimpleTable
                columns={[
                  { title: 'Event', show: ({ sequence }) => `#${sequence}` },
                  { title: 'Given up', show: ({ givenUpAt }) => <Moment at={givenUpAt} /> },
                  { title: 'Tried', show: ({ attempts }) => counted(attempts, 'time') },
                  { title: 'Why', show: ({ error }) => <ShownText text={error} /> },
                  {
                    title: 'Now',
                    show: ({ redelivering }) =>
                      redelivering ? <Badge tone="busy">Is sent again</Badge> : <Badge tone="mute">Lies</Badge>,
                  },
                ]}
                label="Dead letters"
                rowId={({ sequence }) => String(sequence)}
                rows={items}
              />
            )}
            {total > items.length && <p className="mute">and {counted(total - items.length, 'more letter')}</p>}
            <LetterButtons close={close} total={total} webhook={webhook} />
          </div>
        )}
      </Answered>
    </Dialog>
  );
}

interface LetterButtonsProps {
  readonly webhook: Webhook;
  readonly total: number;
  close(): void;
}

function LetterButtons({ webhook, total, close }: LetterButtonsProps) {
  const queries = useQueryClient();
  const [isBusy, begin] = useDoing();
  const [isSure, setSure] = useState(false);
  const refusal = total === 0 ? 'There is none.' : undefined;
  const changed = () => queries.invalidateQueries({ queryKey: ['webhooks'] });
  return (
    <div className="buttons">
      <Button onPress={close}>Close</Button>
      <Button
        isPending={isBusy}
        look={isSure ? 'danger' : 'plain'}
        onPress={() => {
          if (!isSure) {
            setSure(true);
            return;
          }
          begin(async () => {
            const { dropped } = await client.dropLetters(webhook.id);
            await changed();
            setSure(false);
            tell(`${counted(dropped, 'letter')} thrown away. The events stay on the record.`);
          });
        }}
        refusal={refusal}
      >
        {isSure ? `Throw ${counted(total, 'letter')} away for good` : 'Throw them away …'}
      </Button>
      <Button
        isPending={isBusy}
        look="main"
        onPress={() =>
          begin(async () => {
            const { redelivering } = await client.redeliverLetters(webhook.id);
            await changed();
            tell(`${counted(redelivering, 'letter')} sent again, once each. Those that are taken go from this list.`);
          })
        }
        refusal={refusal}
      >
        Send all of them again
      </Button>
    </div>
  );
}
