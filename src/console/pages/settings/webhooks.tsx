import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { useDoing } from '../../kit/doing.ts';
import { Facts } from '../../kit/facts.tsx';
import { Ago, Moment } from '../../kit/moment.tsx';
import { tell } from '../../kit/notices.tsx';
import { Answered } from '../../kit/page-states.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { eventGroupWords } from '../../words/event-groups.ts';
import { eventWords } from '../../words/events.ts';
import type { Webhook } from '../../words/webhooks.ts';
import { webhookFormatWords } from '../../words/webhooks.ts';
import { Card } from './card.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { SetAtStart } from './set-at-start.tsx';
import { DeleteWebhookDialog, RotateDialog, SecretDialog, WebhookDialog } from './webhook-dialogs.tsx';

/** Where events are told elsewhere. */
export function WebhooksSection() {
  const query = useQuery({
    queryKey: ['webhooks'],
    queryFn: () => client.listWebhooks(),
    refetchInterval: 10_000,
  });
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string>();
  return (
    <>
      <Card
        buttons={
          <Button look="main" onPress={() => setAdding(true)}>
            Make a webhook …
          </Button>
        }
        title="Webhooks"
      >
        <p className="mute">
          Each event is one POST, signed as Standard Webhooks has it, in their order, and tried again until it is taken.
        </p>
        <SetAtStart names={['CUSTODY_WEBHOOK_HOSTS', 'CUSTODY_WEBHOOK_AUTHORITY', 'CUSTODY_SYSLOG']} />
      </Card>
      <Answered query={query} what="the webhooks">
        {({ items }) =>
          items.length === 0 ? (
            <Card title="None yet">
              <p className="mute">Events are told to nobody else.</p>
            </Card>
          ) : (
            items.map((webhook) => <WebhookCard key={webhook.id} onSecret={setSecret} webhook={webhook} />)
          )
        }
      </Answered>
      {isAdding && <WebhookDialog close={() => setAdding(false)} onSecret={setSecret} />}
      {secret !== undefined && <SecretDialog close={() => setSecret(undefined)} secret={secret} />}
    </>
  );
}

interface WebhookCardProps {
  readonly webhook: Webhook;
  onSecret(secret: string): void;
}

function WebhookCard({ webhook, onSecret }: WebhookCardProps) {
  const [question, setQuestion] = useState<'change' | 'rotate' | 'delete' | 'letters'>();
  const close = () => setQuestion(undefined);
  return (
    <Card isWarned={webhook.failingSince !== null} title={webhook.name}>
      <div className="stack">
        <WebhookFacts webhook={webhook} />
        <div className="buttons">
          <TestButton webhook={webhook} />
          <PauseButton webhook={webhook} />
          <Button onPress={() => setQuestion('change')}>Change …</Button>
          <Button onPress={() => setQuestion('rotate')}>Another secret …</Button>
          <Button
            onPress={() => setQuestion('letters')}
            refusal={webhook.deadLetters === 0 ? 'There is no dead letter.' : undefined}
          >
            Dead letters
          </Button>
          <Button onPress={() => setQuestion('delete')}>Delete …</Button>
        </div>
      </div>
      {question === 'change' && <WebhookDialog close={close} onSecret={onSecret} webhook={webhook} />}
      {question === 'rotate' && <RotateDialog close={close} onSecret={onSecret} webhook={webhook} />}
      {question === 'letters' && <DeadLetters close={close} webhook={webhook} />}
      <DeleteWebhookDialog close={close} isOpen={question === 'delete'} webhook={webhook} />
    </Card>
  );
}

function WebhookFacts({ webhook }: { readonly webhook: Webhook }) {
  const { url, format, groups, types, lag, deadLetters, failingSince, lastError, deliveredAt } = webhook;
  const chosen = [...groups.map(eventGroupWords), ...types.map(eventWords)];
  return (
    <Facts
      facts={[
        ['State', <WebhookState key="s" webhook={webhook} />],
        ['Failing since', failingSince === null ? null : <Moment at={failingSince} key="f" />],
        ['What went wrong', lastError === '' ? null : <ShownText key="e" text={lastError} />],
        ['Goes to', <ShownText key="u" text={url} />],
        ['Events', chosen.length === 0 ? 'All' : chosen.join(', ')],
        ['Written', webhookFormatWords[format]],
        ['Taken last', deliveredAt === null ? 'never' : <Ago at={deliveredAt} key="d" />],
        ['Still to send', counted(lag, 'event')],
        ['Dead letters', deadLetters],
        [
          'Former secret until',
          webhook.formerSecretUntil === null ? null : <Moment at={webhook.formerSecretUntil} key="r" />,
        ],
      ]}
    />
  );
}

function WebhookState({ webhook: { paused, failingSince } }: { readonly webhook: Webhook }) {
  if (paused) {
    return <Badge tone="mute">Paused: what happens meanwhile is sent when it goes on</Badge>;
  }
  return failingSince === null ? <Badge tone="good">Goes</Badge> : <Badge tone="bad">Is not taken</Badge>;
}

function TestButton({ webhook }: { readonly webhook: Webhook }) {
  const [isBusy, begin] = useDoing();
  return (
    <Button
      isPending={isBusy}
      onPress={() =>
        begin(async () => {
          const { taken, status, error } = await client.testWebhook(webhook.id);
          if (taken) {
            tell(`${webhook.name} took the test${status === null ? '' : `: it answered ${status}`}.`);
          } else {
            tell(`${webhook.name} did not take the test: ${error}`, 'bad');
          }
        })
      }
    >
      Test
    </Button>
  );
}

function PauseButton({ webhook }: { readonly webhook: Webhook }) {
  const queries = useQueryClient();
  const [isBusy, begin] = useDoing();
  const { id, name, paused } = webhook;
  return (
    <Button
      isPending={isBusy}
      onPress={() =>
        begin(async () => {
          await client.changeWebhook(id, { paused: !paused });
          await queries.invalidateQueries({ queryKey: ['webhooks'] });
          tell(paused ? `${name} goes on.` : `${name} is paused.`);
        })
      }
    >
      {paused ? 'Go on' : 'Pause'}
    </Button>
  );
}
