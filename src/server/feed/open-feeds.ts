import { hostname } from 'node:os';
import { rootCertificates } from 'node:tls';
import { Fault } from '#core/fault.ts';
import { noWebhookHosts } from '#core/feed/webhook-hosts.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { FeedStream, Feeds } from '#core/ports/feeds.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Store } from '#core/ports/store/store.ts';
import { feedStates } from '#core/verbs/feed-states.ts';
import type { Config } from '../config.ts';
import { DatagramStream } from './datagram-stream.ts';
import type { StreamSetting } from './feed-settings.ts';
import { FileStream } from './file-stream.ts';
import { SocketStream } from './socket-stream.ts';
import { createWebhookSender, type Resolve, resolveBySystem } from './webhook-sender.ts';

interface Tools {
  readonly clock: Clock;
  readonly fs: Fs;
  readonly store: Store;
  readonly resolve?: Resolve;
}

export interface OpenedFeeds {
  readonly feeds: Feeds;
  readonly streams: readonly FeedStream[];
}

/**
 * How events leave this server. No receiver need be there yet.
 * @throws Fault `invalid_request` for a file that is named and is not what it should be
 */
export async function openFeeds(
  { clock, fs, store, resolve = resolveBySystem }: Tools,
  config: Pick<Config, 'CUSTODY_SYSLOG' | 'CUSTODY_WEBHOOK_HOSTS' | 'CUSTODY_WEBHOOK_AUTHORITY'>,
): Promise<OpenedFeeds> {
  const authority = config.CUSTODY_WEBHOOK_AUTHORITY;
  const authorities = await authoritiesIn(fs, 'CUSTODY_WEBHOOK_AUTHORITY', authority);
  const hosts = config.CUSTODY_WEBHOOK_HOSTS ?? noWebhookHosts;
  const sender = createWebhookSender({ clock, resolve }, { hosts, authorities });
  const streams: FeedStream[] = [];
  for (const setting of config.CUSTODY_SYSLOG) {
    streams.push(await openStream({ clock, fs, resolve }, setting));
  }
  return { feeds: { ...sender, states: () => feedStates({ store }, streams) }, streams };
}

async function openStream(
  { clock, fs, resolve }: Pick<Required<Tools>, 'clock' | 'fs' | 'resolve'>,
  { feed, place, format, from }: StreamSetting,
): Promise<FeedStream> {
  const named = { feed, format, from };
  if (place.kind === 'file') {
    return new FileStream({ ...named, path: place.path });
  }
  const { host, port, authority } = place;
  const sender = { hostName: hostname(), processId: process.pid };
  if (place.kind === 'udp') {
    return new DatagramStream({ ...named, host, port, sender }, resolve);
  }
  const authorities = await authoritiesIn(fs, 'CUSTODY_SYSLOG', authority);
  return new SocketStream(
    { ...named, host, port, sender, tls: place.kind === 'tls' ? { authorities } : undefined },
    clock,
  );
}

/** Beside the public ones; undefined where no file is named: the public ones alone. */
async function authoritiesIn(
  fs: Fs,
  setting: string,
  path: string | undefined,
): Promise<readonly string[] | undefined> {
  if (path === undefined) {
    return undefined;
  }
  const bytes = await fs.read(path);
  const text = new TextDecoder().decode(bytes ?? new Uint8Array());
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new Fault('invalid_request', `${setting} names a file without a certificate (PEM): ${path}.`);
  }
  return [...rootCertificates, text];
}
