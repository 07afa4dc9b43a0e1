import type { Client } from '#sdk/client.ts';
import { findFilesWithHosts, hostNames } from '../../app/files-with-hosts.ts';
import type { PageOfRows } from '../../app/pages-of-rows.ts';
import { fileStateWords } from '../../words/files.ts';
import { incidentStatusWords, severityWords } from '../../words/incidents.ts';
import { platformWords, scanWords } from '../../words/platforms.ts';
import { presenceWords } from '../../words/presences.ts';
import type { Chip, Operator } from './search.ts';

type Condition = NonNullable<Parameters<Client['findFiles']>[0]['conditions']>[number];

const fileFields = ['name', 'path', 'sha256', 'sha1', 'md5', 'endpointName', 'endpointId', 'guid'] as const;

const fileOperators = {
  contains: 'contains_ignore_case',
  is: 'equals',
  is_like: 'matches_wildcard',
} as const satisfies Readonly<Record<Operator, Condition['operator']>>;

/** What is said of a field in one way; undefined: nothing. Any of the values will do. */
function said(chips: readonly Chip[], field: string, operator: Operator = 'is'): string[] | undefined {
  const values = chips.filter((chip) => chip.field === field && chip.operator === operator).map(({ value }) => value);
  return values.length === 0 ? undefined : values;
}

/** The same of a closed list. */
function saidOf<Value extends string>(
  chips: readonly Chip[],
  field: string,
  known: Readonly<Record<Value, unknown>>,
): Value[] | undefined {
  const isKnown = (value: string): value is Value => value in known;
  return said(chips, field)?.filter(isKnown);
}

const flags = { true: true, false: false } as const;

/** Leaves out what is not said. */
function given<Query extends object>(query: Query): { [Name in keyof Query]?: Exclude<Query[Name], undefined> } {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as never;
}

export function askFiles(chips: readonly Chip[], page: PageOfRows, ask: Client) {
  const conditions = fileFields.flatMap((field) =>
    (Object.keys(fileOperators) as Operator[]).flatMap((operator): Condition[] => {
      const values = said(chips, field, operator);
      return values === undefined ? [] : [{ field, operator: fileOperators[operator], values }];
    }),
  );
  return findFilesWithHosts({ conditions, ...given({ states: saidOf(chips, 'state', fileStateWords) }), ...page }, ask);
}

export function askEndpoints(chips: readonly Chip[], page: PageOfRows, ask: Client) {
  return ask.listEndpoints({
    ...given({
      id: said(chips, 'id'),
      hostName: said(chips, 'hostName'),
      hostNameContains: said(chips, 'hostName', 'contains'),
      alias: said(chips, 'alias'),
      aliasContains: said(chips, 'alias', 'contains'),
      user: said(chips, 'user'),
      userContains: said(chips, 'user', 'contains'),
      address: said(chips, 'address'),
      tag: said(chips, 'tag'),
      platform: saidOf(chips, 'platform', platformWords),
      presence: saidOf(chips, 'presence', presenceWords),
      lastScan: saidOf(chips, 'lastScan', scanWords),
      archived: saidOf(chips, 'archived', flags)?.[0],
      revoked: saidOf(chips, 'revoked', flags)?.[0],
    }),
    ...page,
  });
}

export async function askProcesses(chips: readonly Chip[], page: PageOfRows, ask: Client) {
  const { items, total } = await ask.findProcesses({
    ...given({
      pathContains: said(chips, 'path', 'contains'),
      commandLineContains: said(chips, 'commandLine', 'contains'),
      userContains: said(chips, 'user', 'contains'),
      sha256: said(chips, 'sha256'),
      running: saidOf(chips, 'running', flags)?.[0],
      incidentId: said(chips, 'incidentId'),
      endpointId: said(chips, 'endpointId'),
    }),
    ...page,
  });
  const hosts = await hostNames([...new Set(items.map(({ endpointId }) => endpointId))], ask);
  return { total, items: items.map((item) => ({ ...item, hostName: hosts.get(item.endpointId) ?? null })) };
}

export function askIncidents(chips: readonly Chip[], page: PageOfRows, ask: Client) {
  return ask.listIncidents({
    ...given({
      status: saidOf(chips, 'status', incidentStatusWords),
      severity: saidOf(chips, 'severity', severityWords),
      starred: saidOf(chips, 'starred', flags)?.[0],
      endpointId: said(chips, 'endpointId')?.[0],
      externalId: said(chips, 'externalId')?.[0],
    }),
    ...page,
  });
}
