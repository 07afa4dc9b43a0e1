import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { type FeedFormat, feedFormats } from '#core/feed/feed-event.ts';
import { parseWebhookHosts, type WebhookHosts } from '#core/feed/webhook-hosts.ts';

/** Where a stream of events goes. */
export type StreamPlace =
  | {
      readonly kind: 'tls' | 'tcp' | 'udp';
      /** Without the brackets of IPv6. */
      readonly host: string;
      readonly port: number;
      /** File (PEM) with all that may have signed the receiver's certificate; undefined: the public ones. */
      readonly authority: string | undefined;
    }
  | { readonly kind: 'file'; readonly path: string };

export interface StreamSetting {
  /** Its name in the store and for people. */
  readonly feed: string;
  readonly place: StreamPlace;
  readonly format: FeedFormat;
  readonly from: 'first' | 'next';
}

const mostStreams = 8;
const kinds = { 'syslog+tls:': 'tls', 'syslog+tcp:': 'tcp', 'syslog+udp:': 'udp' } as const;
const usualPorts = { tls: 6514, tcp: 601, udp: 514 } as const;

const parametersSchema = z.strictObject({
  format: z.enum(feedFormats).default('cef'),
  ca: z.string().refine(isAbsolute).optional(),
  from: z.enum(['first', 'next']).default('next'),
});

const example = 'syslog+tls://siem.example.org:6514?format=cef or file:///var/log/custody/events.json?format=ecs';

export const streamsSchema = z.string().transform((text, context): readonly StreamSetting[] => {
  const parts = text.split(',').map((part) => part.trim());
  const streams = parts.filter((part) => part !== '').flatMap((part) => readStream(part) ?? []);
  const wrong = parts.find((part) => part !== '' && readStream(part) === undefined);
  if (wrong !== undefined) {
    context.addIssue(`must be addresses such as ${example}, separated by commas; "${wrong}" is none`);
    return z.NEVER;
  }
  if (streams.length > mostStreams || new Set(streams.map(({ feed }) => feed)).size < streams.length) {
    context.addIssue(`must name at most ${mostStreams} receivers, and each once`);
    return z.NEVER;
  }
  return streams;
});

function readStream(text: string): StreamSetting | undefined {
  const url = URL.parse(text);
  const parameters = parametersSchema.safeParse(Object.fromEntries(url?.searchParams ?? []));
  if (url === null || !parameters.success || `${url.username}${url.password}${url.hash}` !== '') {
    return undefined;
  }
  const place = placeOf(url, parameters.data.ca);
  const { format, from } = parameters.data;
  return place && { feed: nameOf(place), place, format, from };
}

function placeOf(url: URL, authority: string | undefined): StreamPlace | undefined {
  if (url.protocol === 'file:') {
    const path = decodedPath(url);
    const isFile = url.host === '' && authority === undefined && path !== undefined && !path.endsWith('/');
    return isFile ? { kind: 'file', path } : undefined;
  }
  const kind = Object.entries(kinds).find(([protocol]) => protocol === url.protocol)?.[1];
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (kind === undefined || host === '' || !['', '/'].includes(url.pathname)) {
    return undefined;
  }
  if (authority !== undefined && kind !== 'tls') {
    return undefined;
  }
  return { kind, host, port: url.port === '' ? usualPorts[kind] : Number(url.port), authority };
}

/** Undefined for what is no text in UTF-8. */
function decodedPath({ pathname }: URL): string | undefined {
  try {
    return decodeURIComponent(pathname);
  } catch (thrown) {
    if (thrown instanceof URIError) {
      return undefined;
    }
    throw thrown;
  }
}

/** Another format or authority is the same stream, which goes on where it was. */
function nameOf(place: StreamPlace): string {
  if (place.kind === 'file') {
    return `file://${place.path}`;
  }
  const host = place.host.includes(':') ? `[${place.host}]` : place.host;
  return `syslog+${place.kind}://${host}:${place.port}`;
}

export const webhookHostsSchema = z.string().transform((text, context): WebhookHosts => {
  const parts = text.split(',').map((part) => part.trim());
  const hosts = parseWebhookHosts(parts.filter((part) => part !== ''));
  if ('wrong' in hosts) {
    const words =
      'names, addresses or ranges, separated by commas, for example hooks.example.org,siem.internal:8443,10.1.2.0/24';
    context.addIssue(`must be ${words}; "${hosts.wrong}" is none`);
    return z.NEVER;
  }
  return hosts;
});
