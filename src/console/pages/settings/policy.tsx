import { Card } from './card.tsx';
import { ChangedElsewhere, SetAtStart } from './set-at-start.tsx';

/** What the server lets one person do alone, and how far it lets agents go. Each part: its settings, in their order. */
const parts: readonly { readonly title: string; readonly words: string; readonly names: readonly string[] }[] = [
  {
    title: 'Guard',
    words: 'Orders that are wider than this wait for a second person.',
    names: [
      'CUSTODY_GUARD',
      'CUSTODY_GUARD_ENDPOINTS',
      'CUSTODY_GUARD_PERCENT',
      'CUSTODY_GUARD_FETCH_FILES',
      'CUSTODY_GUARD_FETCH_ENDPOINTS',
      'CUSTODY_GUARD_FETCH_HOURLY',
      'CUSTODY_GUARD_HOURS',
      'CUSTODY_CONFIRM_AFTER',
      'CUSTODY_REASON',
    ],
  },
  {
    title: 'Rings',
    words: 'What waited for a second person goes out ring by ring, and halts where too much fails or falls silent.',
    names: [
      'CUSTODY_RINGS',
      'CUSTODY_RING_FAILURES',
      'CUSTODY_RING_SILENT',
      'CUSTODY_RING_MINUTES',
      'CUSTODY_RING_WATCH_SECONDS',
    ],
  },
  {
    title: 'Limits',
    words: 'What one order may name, and how much agents may send and list.',
    names: [
      'CUSTODY_BATCH_LIMIT',
      'CUSTODY_QUARANTINE_LIMIT',
      'CUSTODY_UPLOAD_ENDPOINT_GIB',
      'CUSTODY_UPLOAD_ACTION_GIB',
      'CUSTODY_ENDPOINT_FILES',
    ],
  },
  {
    title: 'Where agents go',
    words: 'What agents are told of this server after their enrolment.',
    names: ['CUSTODY_AGENT_URLS', 'CUSTODY_AGENT_AUTHORITIES', 'CUSTODY_AGENT_LISTEN', 'CUSTODY_SIGNER'],
  },
  {
    title: 'Log-in',
    words: 'How long passwords and sessions are good, and the provider that people log in through.',
    names: [
      'CUSTODY_PASSWORD_DAYS',
      'CUSTODY_SESSION_HOURS',
      'CUSTODY_SESSION_IDLE_MINUTES',
      'CUSTODY_OIDC_ISSUER',
      'CUSTODY_OIDC_NAME',
      'CUSTODY_OIDC_ROLES',
    ],
  },
];

export function PolicySection() {
  return (
    <>
      <ChangedElsewhere />
      {parts.map(({ title, words, names }) => (
        <Card key={title} title={title}>
          <div className="stack">
            <p>{words}</p>
            <SetAtStart isSaid names={names} />
          </div>
        </Card>
      ))}
      <Card title="On the machines themselves">
        <p>
          What no server may do on a machine is decided there, by its root, in{' '}
          <code>/etc/custody/agent-policy.toml</code>. An endpoint’s page says what its agent may not do.
        </p>
      </Card>
    </>
  );
}
