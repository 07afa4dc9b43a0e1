import type { FileOnHost } from '../../app/files-with-hosts.ts';
import { Badge } from '../../kit/badge.tsx';
import type { Column } from '../../kit/data-table.tsx';
import { Ago, Moment } from '../../kit/moment.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { bytesText } from '../../words/amounts.ts';
import { fileStateWords, instantOf, kindWords } from '../../words/files.ts';
import { type Incident, incidentStatusWords, severityOf, severityWords } from '../../words/incidents.ts';
import { type Endpoint, nameOf, presenceWords } from '../../words/presences.ts';
import type { askProcesses } from './ask.ts';

export const fileColumns: readonly Column<FileOnHost>[] = [
  { id: 'name', title: 'Name', track: 'minmax(9rem, 1fr)', show: ({ name }) => <ShownText text={name} /> },
  { id: 'path', title: 'Path', track: 'minmax(12rem, 2fr)', show: ({ path }) => <ShownText text={path} /> },
  {
    ...{ id: 'host', title: 'Endpoint', track: 'minmax(7rem, 1fr)' },
    show: ({ hostName, endpointId }) => <ShownText text={hostName ?? endpointId} />,
  },
  {
    ...{ id: 'state', title: 'State', track: '9rem' },
    show: ({ state }) => <Badge tone={fileStateWords[state].tone}>{fileStateWords[state].label}</Badge>,
  },
  { id: 'size', title: 'Size', track: '6rem', align: 'end', show: ({ size }) => bytesText(size) },
  { id: 'hash', title: 'SHA-256', track: '9rem', show: ({ sha256 }) => <code>{sha256.slice(0, 12)}…</code> },
  { id: 'md5', title: 'MD5', track: '19rem', show: ({ md5 }) => <code>{md5}</code> },
  { id: 'kind', title: 'Kind', track: '10rem', show: ({ kind }) => kindWords[kind] },
  { id: 'owner', title: 'Owner', track: '8rem', show: ({ owner }) => <ShownText text={owner} /> },
  {
    ...{ id: 'package', title: 'Package', track: 'minmax(8rem, 1fr)' },
    show: ({ package: name }) => <ShownText text={name ?? ''} />,
  },
  {
    ...{ id: 'modified', title: 'Modified', track: '12rem' },
    show: ({ modifiedNs }) => <Moment at={instantOf(modifiedNs)} />,
  },
  { id: 'seen', title: 'Last reported', track: '9rem', show: ({ seenAt }) => <Ago at={seenAt} /> },
];

export const usualFileColumns: readonly string[] = ['name', 'path', 'host', 'state', 'size', 'hash', 'seen'];

export const endpointColumns: readonly Column<Endpoint>[] = [
  {
    ...{ id: 'name', title: 'Endpoint', track: 'minmax(10rem, 2fr)' },
    show: (endpoint) => <ShownText text={nameOf(endpoint)} />,
  },
  {
    ...{ id: 'presence', title: 'Connection', track: '9rem' },
    show: ({ presence }) => <Badge tone={presenceWords[presence].tone}>{presenceWords[presence].label}</Badge>,
  },
  {
    ...{ id: 'system', title: 'System', track: 'minmax(8rem, 1fr)' },
    show: ({ operatingSystem, operatingSystemVersion }) => (
      <ShownText text={`${operatingSystem} ${operatingSystemVersion}`} />
    ),
  },
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
    show: ({ tags }) => <ShownText text={tags.join(', ')} />,
  },
  { id: 'seen', title: 'Last seen', track: '9rem', show: ({ lastSeen }) => <Ago at={lastSeen} /> },
];

type Process = Awaited<ReturnType<typeof askProcesses>>['items'][number];

export const processColumns: readonly Column<Process>[] = [
  { id: 'path', title: 'Program', track: 'minmax(10rem, 1.5fr)', show: ({ path }) => <ShownText text={path} /> },
  {
    ...{ id: 'command', title: 'Command line', track: 'minmax(10rem, 2fr)' },
    show: ({ commandLine }) => <ShownText text={commandLine ?? ''} />,
  },
  { id: 'pid', title: 'Number', track: '6rem', align: 'end', show: ({ pid }) => pid },
  { id: 'user', title: 'User', track: '8rem', show: ({ userName }) => <ShownText text={userName ?? ''} /> },
  {
    ...{ id: 'host', title: 'Endpoint', track: 'minmax(7rem, 1fr)' },
    show: ({ hostName, endpointId }) => <ShownText text={hostName ?? endpointId} />,
  },
  { id: 'incident', title: 'Incident', track: '7rem', show: ({ incidentId }) => incidentId },
  {
    ...{ id: 'started', title: 'Started', track: '12rem' },
    show: ({ startedAt }) => (startedAt === null ? null : <Moment at={startedAt} />),
  },
  {
    ...{ id: 'ended', title: 'Ended', track: '12rem' },
    show: ({ endedAt }) => (endedAt === null ? <Badge tone="busy">Not told</Badge> : <Moment at={endedAt} />),
  },
];

export const incidentColumns: readonly Column<Incident>[] = [
  { id: 'id', title: 'Incident', track: '7rem', show: ({ id }) => id },
  { id: 'name', title: 'Name', track: 'minmax(12rem, 2fr)', show: ({ name }) => <ShownText text={name} /> },
  {
    ...{ id: 'severity', title: 'Severity', track: '8rem' },
    show(incident) {
      const { label, tone } = severityWords[severityOf(incident)];
      return <Badge tone={tone}>{label}</Badge>;
    },
  },
  {
    ...{ id: 'status', title: 'Status', track: '12rem' },
    show: ({ status }) => <Badge tone={incidentStatusWords[status].tone}>{incidentStatusWords[status].label}</Badge>,
  },
  {
    ...{ id: 'assigned', title: 'Whose', track: 'minmax(8rem, 1fr)' },
    show: ({ assignedTo }) => <ShownText text={assignedTo ?? ''} />,
  },
  {
    ...{ id: 'external', title: 'External ID', track: 'minmax(8rem, 1fr)' },
    show: ({ externalId }) => <ShownText text={externalId ?? ''} />,
  },
  { id: 'at', title: 'Opened', track: '12rem', show: ({ createdAt }) => <Moment at={createdAt} /> },
];
