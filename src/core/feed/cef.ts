import { eventWords } from '../bundle/event-words.ts';
import { harmlessLine } from '../log-line.ts';
import { version } from '../version.ts';
import type { FeedEvent } from './feed-event.ts';
import { severities, severityNumbers } from './severity.ts';
import { toldFiles } from './told-files.ts';

/** The format's own limits for the texts of its dictionary (ArcSight Common Event Format, "CEF key names"). */
const longestCustomText = 4_000;
const longestName = 1_023;

/**
 * An event in the Common Event Format, version 0, on one line: seven header fields, then keys and values of the format's dictionary,
 * and what that has no key for in `cs1` to `cs6` with their labels.
 */
export function cefLine({ event, host }: FeedEvent): string {
  const header = ['Custody', 'Custody', version, event.type, eventWords[event.type]].map(cefHeaderText);
  return `CEF:0|${header.join('|')}|${severityNumbers[severities[event.type]]}|${extensionOf({ event, host })}`;
}

type Field = readonly [key: string, value: string | number | undefined];

function extensionOf({ event, host }: FeedEvent): string {
  const { actor, actionId, incidentId, endpointId } = event;
  const { hashes, paths, succeeded } = toldFiles(event);
  const outcome = new Map([[true, 'success'] as const, [false, 'failure'] as const]);
  const fields: readonly Field[] = [
    ['rt', event.at],
    ['externalId', event.sequence],
    ['suser', shortened(actor.name, longestName)],
    ['suid', shortened(actor.id, longestName)],
    ['dhost', host && shortened(host.hostName, longestName)],
    ['outcome', succeeded === undefined ? undefined : outcome.get(succeeded)],
    ['fileHash', hashes[0]],
    ['filePath', paths[0] === undefined ? undefined : shortened(paths[0], longestName)],
    ...customText(1, 'actionId', actionId),
    ...customText(2, 'incidentId', incidentId),
    ...customText(3, 'endpointId', endpointId),
    ...customText(4, 'actorKind', actor.kind),
    ...customText(5, 'fileHashes', hashes.length > 1 ? hashes.join(',') : undefined),
    ...customText(6, 'facts', JSON.stringify(event.facts)),
  ];
  return fields
    .flatMap(([key, value]) => (value === undefined || value === '' ? [] : [`${key}=${extensionText(String(value))}`]))
    .join(' ');
}

function customText(number: number, label: string, value: string | undefined): readonly Field[] {
  return value === undefined
    ? []
    : [
        [`cs${number}Label`, label],
        [`cs${number}`, shortened(value, longestCustomText)],
      ];
}

/** By whole characters. */
function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}\u2026`;
}

/** In the header a pipe or a backslash is escaped by a backslash; there is no way to write a new line. */
export function cefHeaderText(text: string): string {
  return harmless(text.replaceAll(/[\r\n]+/g, ' ')).replaceAll(/[\\|]/g, '\\$&');
}

/** In the extension an equals sign or a backslash is escaped by a backslash, and new lines are written `\n` and `\r`; a pipe is not. */
function extensionText(text: string): string {
  return harmless(text).replaceAll(/[\\=]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

const otherControls = /[\0-\x09\x0b\x0c\x0e-\x1f]/g;

/** What does anything where it is shown is spelt out, as in every log line (promise P53). */
function harmless(text: string): string {
  const spelt = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return harmlessLine(text.toWellFormed().replaceAll(otherControls, spelt));
}
