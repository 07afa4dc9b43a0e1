import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { choices } from '#sdk/choices.ts';
import { client } from '../../app/client.ts';
import { Select, TextField } from '../../kit/fields.tsx';
import { FormDialog } from '../../kit/form-dialog.tsx';
import { tell } from '../../kit/notices.tsx';
import { ShownOnceDialog } from '../../kit/shown-once.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { eventGroupWords } from '../../words/event-groups.ts';
import { eventWords } from '../../words/events.ts';
import { type Webhook, webhookFormatWords } from '../../words/webhooks.ts';

interface WebhookDialogProps {
  /** Undefined: a new one. */
  readonly webhook?: Webhook;
  close(): void;
  onSecret(secret: string): void;
}

type Group = Webhook['groups'][number];

export function WebhookDialog({ webhook, close, onSecret }: WebhookDialogProps) {
  const queries = useQueryClient();
  const [given, setGiven] = useState({
    ...{ name: webhook?.name ?? '', url: webhook?.url ?? 'https://' },
    ...{ format: webhook?.format ?? ('native' as Webhook['format']), groups: webhook?.groups ?? [] },
    attempts: String(webhook?.attempts ?? 14),
  });
  const set = (more: Partial<typeof given>) => setGiven({ ...given, ...more });
  return (
    <FormDialog
      act={async () => {
        const wanted = { ...given, attempts: Number(given.attempts) };
        if (webhook === undefined) {
          onSecret((await client.createWebhook(wanted)).secret);
        } else {
          await client.changeWebhook(webhook.id, wanted);
          tell(`${given.name} is changed, from its next message on.`);
        }
        await queries.invalidateQueries({ queryKey: ['webhooks'] });
      }}
      isOpen
      onClose={close}
      title={webhook === undefined ? 'Make a webhook' : `Change ${webhook.name}`}
      word={webhook === undefined ? 'Make the webhook' : 'Change it'}
    >
      <TextField autoFocus isRequired label="What it is for" onChange={(name) => set({ name })} value={given.name} />
      <TextField
        help="At a host that CUSTODY_WEBHOOK_HOSTS names."
        isRequired
        label="Address"
        onChange={(url) => set({ url })}
        value={given.url}
      />
      <Select
        choices={Object.entries(webhookFormatWords).map(([value, label]) => ({ value, label }))}
        label="How events are written"
        onChange={(format) => set({ format: format === 'ecs' ? 'ecs' : 'native' })}
        value={given.format}
      />
      <TextField
        help="Within 24 hours at most; then it is a dead letter."
        inputMode="numeric"
        isRequired
        label="How often an event is tried"
        onChange={(attempts) => set({ attempts })}
        validate={(value) => (/^[1-9]\d{0,2}$/.test(value) ? null : 'A whole number from 1 on.')}
        value={given.attempts}
      />
      <GroupChoice groups={given.groups} onChange={(groups) => set({ groups: [...groups] })} />
      {webhook !== undefined && webhook.types.length > 0 && (
        <p className="mute">Beside them: {webhook.types.map(eventWords).join(', ')}. That stays as it is.</p>
      )}
    </FormDialog>
  );
}

function GroupChoice({
  groups,
  onChange,
}: {
  readonly groups: readonly Group[];
  onChange(groups: readonly Group[]): void;
}) {
  return (
    <fieldset className="choices">
      <legend>Events about (none chosen: all events)</legend>
      {choices.eventGroups.map((group) => (
        <label key={group}>
          <input
            checked={groups.includes(group)}
            onChange={({ target }) =>
              onChange(target.checked ? [...groups, group] : groups.filter((each) => each !== group))
            }
            type="checkbox"
          />{' '}
          {eventGroupWords(group)}
        </label>
      ))}
    </fieldset>
  );
}

interface AskedWebhook {
  readonly webhook: Webhook;
  close(): void;
}

export function RotateDialog({ webhook, close, onSecret }: AskedWebhook & Pick<WebhookDialogProps, 'onSecret'>) {
  const queries = useQueryClient();
  const [overlap, setOverlap] = useState('24');
  return (
    <FormDialog
      act={async () => {
        const { secret } = await client.rotateWebhookSecret(webhook.id, { overlapHours: Number(overlap) });
        await queries.invalidateQueries({ queryKey: ['webhooks'] });
        onSecret(secret);
      }}
      isDanger={overlap === '0'}
      isOpen
      onClose={close}
      title={`Give ${webhook.name} another secret?`}
      word="Make another secret"
    >
      <Select
        choices={[
          { value: '24', label: 'For 24 hours both secrets sign' },
          { value: '168', label: 'For 7 days both secrets sign' },
          { value: '0', label: 'At once: the former one is good no longer' },
        ]}
        label="The receiver changes over"
        onChange={setOverlap}
        value={overlap}
      />
    </FormDialog>
  );
}

export function DeleteWebhookDialog({ webhook, close, isOpen }: AskedWebhook & { readonly isOpen: boolean }) {
  const queries = useQueryClient();
  return (
    <FormDialog
      act={async () => {
        await client.deleteWebhook(webhook.id);
        await queries.invalidateQueries({ queryKey: ['webhooks'] });
        tell(`${webhook.name} is deleted.`);
      }}
      isDanger
      isOpen={isOpen}
      onClose={close}
      title={`Delete ${webhook.name} for good?`}
      word="Delete for good"
    >
      <p>
        Nothing is sent to <ShownText text={webhook.url} /> any more. {counted(webhook.deadLetters, 'dead letter')} and{' '}
        {counted(webhook.lag, 'event')} that waited are forgotten; the events stay on the record.
      </p>
    </FormDialog>
  );
}

export function SecretDialog({ secret, close }: { readonly secret: string; close(): void }) {
  return (
    <ShownOnceDialog close={close} label="Secret of the webhook" text={secret} title="The secret of the webhook">
      The receiver verifies messages with it.
    </ShownOnceDialog>
  );
}
