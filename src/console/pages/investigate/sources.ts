import { fileStateWords } from '../../words/files.ts';
import { incidentStatusWords, severityWords } from '../../words/incidents.ts';
import { platformWords, scanWords } from '../../words/platforms.ts';
import { presenceWords } from '../../words/presences.ts';
import type { Chip, Operator } from './search.ts';
import type { SourceName } from './source-names.ts';

interface Field {
  readonly label: string;
  /** The first one is what somebody means who says nothing of it. */
  readonly operators: readonly [Operator, ...Operator[]];
  /** What else people call it, in lower case. */
  readonly aliases?: readonly string[];
  /** A closed list of values, with their words. */
  readonly choices?: Readonly<Record<string, string>>;
}

interface Source {
  readonly label: string;
  /** One of it, and many. */
  readonly nouns: readonly [string, string];
  readonly fields: Readonly<Record<string, Field>>;
  /** Whether all of them are shown where nothing is asked for. */
  readonly showsAll: boolean;
  readonly example: string;
}

const text = { operators: ['contains', 'is'] } as const;
const exact = { operators: ['is'] } as const;
const part = { operators: ['contains'] } as const;
const pattern = { operators: ['contains', 'is', 'is_like'] } as const;
const yesNo = { true: 'Yes', false: 'No' };

function labels(words: Readonly<Record<string, { readonly label: string }>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(words).map(([value, { label }]) => [value, label]));
}

/** What can be looked for, and by what. */
export const sources: Readonly<Record<SourceName, Source>> = {
  files: {
    ...{ label: 'Files', nouns: ['file', 'files'], showsAll: false, example: 'invoice, *.docm, /tmp/, a hash' },
    fields: {
      name: { label: 'Name', ...pattern },
      path: { label: 'Path', ...pattern },
      sha256: { label: 'SHA-256', ...exact, aliases: ['hash'] },
      sha1: { label: 'SHA-1', ...exact },
      md5: { label: 'MD5', ...exact },
      endpointName: { label: 'Endpoint', ...pattern, aliases: ['host', 'endpoint'] },
      endpointId: { label: 'Endpoint ID', ...exact },
      guid: { label: 'GUID', ...exact },
      state: { label: 'State', ...exact, choices: labels(fileStateWords) },
    },
  },
  endpoints: {
    ...{ label: 'Endpoints', nouns: ['endpoint', 'endpoints'], showsAll: true, example: 'web-1, 10.0.0.7, tag:prod' },
    fields: {
      hostName: { label: 'Host name', ...text, aliases: ['host', 'name', 'endpoint'] },
      alias: { label: 'Alias', ...text },
      user: { label: 'User', ...text },
      address: { label: 'Address', ...exact, aliases: ['ip'] },
      tag: { label: 'Tag', ...exact },
      platform: { label: 'Platform', ...exact, choices: platformWords },
      presence: { label: 'Connection', ...exact, choices: labels(presenceWords) },
      lastScan: { label: 'Last scan', ...exact, aliases: ['scan'], choices: scanWords },
      archived: { label: 'Archived', ...exact, choices: yesNo },
      revoked: { label: 'Removed', ...exact, choices: yesNo },
      id: { label: 'Endpoint ID', ...exact },
    },
  },
  processes: {
    ...{
      label: 'Processes',
      nouns: ['process', 'processes'],
      showsAll: true,
      example: 'powershell, user:root, a hash',
    },
    fields: {
      path: { label: 'Program', ...part, aliases: ['program', 'name'] },
      commandLine: { label: 'Command line', ...part, aliases: ['command', 'cmd'] },
      user: { label: 'User', ...part },
      sha256: { label: 'SHA-256', ...exact, aliases: ['hash'] },
      running: { label: 'Still running', ...exact, choices: yesNo },
      incidentId: { label: 'Incident ID', ...exact, aliases: ['incident'] },
      endpointId: { label: 'Endpoint ID', ...exact },
    },
  },
  incidents: {
    ...{ label: 'Incidents', nouns: ['incident', 'incidents'], showsAll: true, example: 'severity:high, status:new' },
    fields: {
      externalId: { label: 'External ID', ...exact, aliases: ['external'] },
      severity: { label: 'Severity', ...exact, choices: labels(severityWords) },
      status: { label: 'Status', ...exact, choices: labels(incidentStatusWords) },
      starred: { label: 'Starred', ...exact, choices: yesNo },
      endpointId: { label: 'Endpoint ID', ...exact },
    },
  },
};

export const operatorWords: Readonly<Record<Operator, string>> = { contains: 'contains', is: 'is', is_like: 'is like' };

/** Those that mean something of this source. */
export function chipsOf(source: SourceName, chips: readonly Chip[]): readonly Chip[] {
  const { fields } = sources[source];
  return chips.filter(({ field, operator, value }) => {
    const known = fields[field];
    return known?.operators.includes(operator) === true && (known.choices === undefined || value in known.choices);
  });
}

export function chipText(source: SourceName, { field, operator, value }: Chip): string {
  const known = sources[source].fields[field];
  return `${known?.label ?? field} ${operatorWords[operator]} ${known?.choices?.[value] ?? value}`;
}
