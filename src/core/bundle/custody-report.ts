import type { CustodyEvent } from '../custody/event.ts';
import { eventWords } from './event-words.ts';
import { htmlTable, htmlText } from './html.ts';
import { bundleNames } from './layout.ts';
import type { BundledEndpoint, Manifest } from './manifest.ts';

export interface ReportFacts {
  readonly manifest: Manifest;
  readonly endpoints: readonly BundledEndpoint[];
  /** The first of them, in the order of the ledger. */
  readonly events: readonly Omit<CustodyEvent, 'actionId' | 'incidentId'>[];
}

/** More than anybody reads; the rest stands in the bundle's other files. */
export const mostRows = 2_000;

const style = `
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
th { white-space: nowrap; } .wide { overflow-x: auto; } dt { font-weight: 600; } dd { margin: 0 0 .5rem; overflow-wrap: anywhere; }
@media print { body { max-width: none; } }
`;

/**
 * What happened, to which file, on which machine, by whom: a page for people, without scripts and without anything from elsewhere. What
 * proves it are the files beside it.
 */
export function writeCustodyReport({ manifest, endpoints, events }: ReportFacts): string {
  const { subject } = manifest;
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    `<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">\n`,
    '<meta name="viewport" content="width=device-width">\n',
    `<title>Custody report: ${htmlText(subject.name)}</title>\n<style>${style}</style>\n</head>\n<body>\n`,
    `<h1>Custody report: ${htmlText(subject.name)}</h1>\n`,
    summary(manifest),
    '<h2>Files</h2>\n',
    cutNote(
      manifest.evidence.reduce((sum, { sources }) => sum + sources.length, 0),
      bundleNames.manifest,
    ),
    htmlTable(evidenceTable(manifest)),
    '<h2>Endpoints</h2>\n',
    cutNote(endpoints.length, bundleNames.endpoints),
    htmlTable(endpointTable(endpoints)),
    '<h2>What happened</h2>\n',
    cutNote(manifest.counts.events, bundleNames.events),
    htmlTable(eventTable(events, endpoints)),
    '</body>\n</html>\n',
  ].join('');
}

function summary({ subject, exportedAt, exportedBy, reason, server, counts, evidence }: Manifest): string {
  const absent = evidence.filter((file) => file.absent !== null).length;
  const facts: readonly (readonly [string, string])[] = [
    ['Subject', `${subject.kind} ${subject.id}`],
    ['Exported', `${exportedAt} by ${exportedBy}`],
    ['Reason', reason ?? 'none was given'],
    ['Server', server],
    ['Actions', String(counts.actions)],
    ['Files fetched', `${evidence.length}${absent > 0 ? `, of which ${absent} are not in this bundle` : ''}`],
    ['Events in the ledger', String(counts.events)],
    ['Signed reports of agents', String(counts.reports)],
  ];
  const list = facts.map(([term, text]) => `<dt>${term}</dt><dd>${htmlText(text)}</dd>`).join('\n');
  return `<dl>\n${list}\n</dl>\n<p>Times are UTC. README.txt beside this page says how everything here is checked.</p>\n`;
}

function cutNote(count: number, file: string): string {
  return count > mostRows ? `<p>The first ${mostRows} of ${count}; all are in ${file}.</p>\n` : '';
}

function evidenceTable({ evidence }: Manifest) {
  const rows = evidence.flatMap((file) =>
    file.sources.map(({ hostName, endpointId, path, actionId }) => [
      path,
      hostName ?? endpointId,
      String(file.size),
      file.sha256,
      actionId,
      file.absent ?? `evidence/${file.sha256}`,
    ]),
  );
  return {
    head: ['Path', 'Endpoint', 'Bytes', 'SHA-256', 'Action', 'In this bundle'],
    rows: rows.slice(0, mostRows),
    empty: 'No file was fetched.',
  };
}

function endpointTable(endpoints: readonly BundledEndpoint[]) {
  return {
    head: ['Host name', 'Id: head of the SHA-256 of its key', 'System', 'Agent', 'Enrolled'],
    rows: endpoints
      .slice(0, mostRows)
      .map((endpoint) => [
        endpoint.hostName,
        endpoint.id,
        endpoint.operatingSystem,
        endpoint.agentVersion,
        endpoint.enrolledAt,
      ]),
    empty: 'No endpoint.',
  };
}

function eventTable(events: ReportFacts['events'], endpoints: readonly BundledEndpoint[]) {
  const names = new Map<string, string>(endpoints.map(({ id, hostName }) => [id, hostName]));
  const nameOf = (id: string) => names.get(id) ?? id;
  return {
    head: ['Event', 'Time', 'Who', 'What', 'Endpoint', 'Facts'],
    rows: events.map(({ sequence, at, actor, type, endpointId, facts }) => [
      String(sequence),
      new Date(at).toISOString(),
      actor.kind === 'agent' ? `agent of ${nameOf(actor.id)}` : `${actor.name} (${actor.kind})`,
      eventWords[type],
      endpointId === undefined ? '' : nameOf(endpointId),
      JSON.stringify(facts),
    ]),
    empty: 'Nothing is recorded.',
  };
}
