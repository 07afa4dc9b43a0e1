import { createSocket, type Socket } from 'node:dgram';
import type { FeedEvent, FeedFormat } from '#core/feed/feed-event.ts';
import { type SyslogSender, syslogMessage } from '#core/feed/syslog.ts';
import type { FeedStream } from '#core/ports/feeds.ts';
import { longestSyslogText } from './longest-syslog-text.ts';
import type { Resolve } from './webhook-sender.ts';

export interface DatagramSettings {
  readonly feed: string;
  readonly from: FeedStream['from'];
  readonly host: string;
  readonly port: number;
  readonly format: FeedFormat;
  readonly sender: SyslogSender;
}

/** Syslog over UDP (RFC 5426), a message a datagram: nobody knows what arrives. */
export class DatagramStream implements FeedStream {
  readonly feed: string;
  readonly from: FeedStream['from'];
  readonly #settings: DatagramSettings;
  readonly #resolve: Resolve;

  constructor(settings: DatagramSettings, resolve: Resolve) {
    this.feed = settings.feed;
    this.from = settings.from;
    this.#settings = settings;
    this.#resolve = resolve;
  }

  async deliver(events: readonly FeedEvent[], stopping: AbortSignal): Promise<void> {
    const { host, port, format, sender } = this.#settings;
    const [address] = await this.#resolve(host);
    if (address === undefined) {
      throw new Error('Its name leads to no address.');
    }
    // One for each call: a socket that an old answer has made fail would be of no use any more.
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    try {
      for (const told of events) {
        stopping.throwIfAborted();
        await send(socket, syslogMessage(told, sender, { format, mostBytes: longestSyslogText }), { address, port });
      }
    } finally {
      socket.close();
    }
  }

  async settle(): Promise<void> {
    // What was sent is gone; nothing will be heard of it.
  }

  async close(): Promise<void> {
    // Nothing is open between two calls.
  }
}

function send(socket: Socket, text: string, to: { readonly address: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.send(text, to.port, to.address, (error) => {
      socket.off('error', reject);
      if (error) {
        reject(error);
      } else {
        resolve();
      }
    });
  });
}
