import { Badge } from '../../kit/badge.tsx';
import type { Column } from '../../kit/data-table.tsx';
import { Ago, Moment } from '../../kit/moment.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { platformWords, scanWords } from '../../words/platforms.ts';
import { type Endpoint, nameOf, presenceWords } from '../../words/presences.ts';

/** Everything that the table can show of an endpoint. */
export const fleetColumns: readonly Column<Endpoint>[] = [
  {
    ...{ id: 'name', title: 'Endpoint', track: 'minmax(12rem, 2fr)', sort: 'hostName' },
    show: (endpoint) => <ShownText text={nameOf(endpoint)} />,
  },
  {
    ...{ id: 'presence', title: 'Connection', track: '9rem' },
    show: (endpoint) => <Standing endpoint={endpoint} />,
  },
  {
    ...{ id: 'system', title: 'System', track: 'minmax(8rem, 1fr)' },
    show: ({ operatingSystem, operatingSystemVersion }) => (
      <ShownText text={`${operatingSystem} ${operatingSystemVersion}`} />
    ),
  },
  { id: 'platform', title: 'Platform', track: '6rem', show: ({ platform }) => platformWords[platform] },
  {
    ...{ id: 'addresses', title: 'Addresses', track: 'minmax(8rem, 1fr)' },
    show: ({ addresses }) => <ShownText text={addresses.join(', ')} />,
  },
  {
    ...{ id: 'users', title: 'Users', track: 'minmax(6rem, 1fr)' },
    show: ({ users }) => <ShownText text={users.join(', ')} />,
  },
  {
    ...{ id: 'tags', title: 'Tags', track: 'minmax(6rem, 1fr)' },
    show: ({ tags }) => <Tags tags={tags} />,
  },
  { id: 'agent', title: 'Agent', track: '6rem', show: ({ agentVersion }) => <ShownText text={agentVersion} /> },
  { id: 'scan', title: 'Last scan', track: '10rem', show: ({ lastScan }) => scanWords[lastScan] },
  {
    ...{ id: 'limits', title: 'May not', track: 'minmax(8rem, 1fr)' },
    show: ({ limitations }) => <ShownText text={limitations.join(', ')} />,
  },
  { id: 'seen', title: 'Last seen', track: '9rem', sort: 'lastSeen', show: ({ lastSeen }) => <Ago at={lastSeen} /> },
  {
    ...{ id: 'enrolled', title: 'Enrolled', track: '13rem', sort: 'enrolledAt' },
    show: ({ enrolledAt }) => <Moment at={enrolledAt} />,
  },
  { id: 'id', title: 'Endpoint id', track: '19rem', show: ({ id }) => <code>{id}</code> },
];

export const usualFleetColumns: readonly string[] = [
  'name',
  'presence',
  'system',
  'addresses',
  'tags',
  'agent',
  'seen',
];

export function Tags({ tags }: { readonly tags: readonly string[] }) {
  return tags.map((tag) => (
    <span className="chip" key={tag}>
      <ShownText text={tag} />
    </span>
  ));
}

/** Whether it is there, unless it was removed, put aside, or has a double. */
export function Standing({ endpoint }: { readonly endpoint: Endpoint }) {
  const { presence, revokedAt, archivedAt, clone } = endpoint;
  if (revokedAt !== null) {
    return <Badge tone="bad">Revoked</Badge>;
  }
  if (clone !== null) {
    return <Badge tone="bad">Has a copy</Badge>;
  }
  if (archivedAt !== null && presence !== 'connected') {
    return <Badge tone="mute">Archived</Badge>;
  }
  return <Badge tone={presenceWords[presence].tone}>{presenceWords[presence].label}</Badge>;
}
