import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { FeedEvent, FeedFormat } from '#core/feed/feed-event.ts';
import { octetCounted, type SyslogSender, syslogMessage } from '#core/feed/syslog.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { FeedStream } from '#core/ports/feeds.ts';
import { type Milliseconds, second } from '#core/time.ts';
import { longestSyslogText } from './longest-syslog-text.ts';

export interface SocketSettings {
  readonly feed: string;
  readonly from: FeedStream['from'];
  readonly host: string;
  readonly port: number;
  readonly format: FeedFormat;
  readonly sender: SyslogSender;
  /** Undefined: without TLS. */
  readonly tls: { readonly authorities: readonly string[] | undefined } | undefined;
}

/** A receiver that takes nothing for so long is given up, and connected to anew. */
const patience: Milliseconds = 15 * second;
/** A receiver that is gone says so at once, once it is sent something. */
const settlingTime: Milliseconds = second / 4;

/** Syslog over TCP (RFC 6587, octet counting) or TLS (RFC 5425). Neither has a word for "received". */
export class SocketStream implements FeedStream {
  readonly feed: string;
  readonly from: FeedStream['from'];
  readonly #settings: SocketSettings;
  readonly #clock: Pick<Clock, 'schedule'>;
  #connection: Connection | undefined;

  constructor(settings: SocketSettings, clock: Pick<Clock, 'schedule'>) {
    this.feed = settings.feed;
    this.from = settings.from;
    this.#settings = settings;
    this.#clock = clock;
  }

  async deliver(events: readonly FeedEvent[], stopping: AbortSignal): Promise<void> {
    const { sender, format } = this.#settings;
    const shape = { format, mostBytes: longestSyslogText };
    const text = events.map((told) => octetCounted(syslogMessage(told, sender, shape))).join('');
    if (this.#connection === undefined || this.#connection.isGone) {
      this.#connection = new Connection(this.#settings);
    }
    const connection = this.#connection;
    await this.#inTime(connection, stopping, async () => {
      await connection.opened;
      await connection.write(text);
    });
  }

  async settle(): Promise<void> {
    const connection = this.#connection;
    if (connection !== undefined) {
      await new Promise<void>((resolve) => this.#clock.schedule(settlingTime, resolve));
      connection.demandOpen();
    }
  }

  async close(): Promise<void> {
    this.#connection?.end();
  }

  /** Destroys the connection when time is up, which ends whatever waits for it. */
  async #inTime(connection: Connection, stopping: AbortSignal, work: () => Promise<void>): Promise<void> {
    const late = `It took nothing for ${patience / second} seconds.`;
    const withdraw = this.#clock.schedule(patience, () => connection.destroy(new Error(late)));
    const stop = () => connection.destroy(new Error('The server stops.'));
    stopping.addEventListener('abort', stop);
    try {
      await work();
    } catch (thrown) {
      connection.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
      throw thrown;
    } finally {
      withdraw();
      stopping.removeEventListener('abort', stop);
    }
  }
}

/** One connection, and what ended it. */
class Connection {
  readonly opened: Promise<void>;
  readonly #socket: Socket;
  readonly #gone = Promise.withResolvers<never>();
  #failure: Error | undefined;

  constructor({ host, port, tls }: SocketSettings) {
    const opened = Promise.withResolvers<void>();
    if (tls === undefined) {
      this.#socket = connectPlain({ host, port });
      this.#socket.once('connect', () => opened.resolve());
    } else {
      const { authorities } = tls;
      const name = isIP(host) === 0 ? { servername: host } : {};
      this.#socket = connectSecure({ host, port, ...name, ...(authorities && { ca: [...authorities] }) }, () =>
        opened.resolve(),
      );
    }
    this.#socket.on('error', (error) => this.#end(error));
    this.#socket.once('end', () => this.#end(new Error('The receiver ended the connection.')));
    this.#socket.once('close', () => this.#end(new Error('The connection was closed.')));
    // Whatever a receiver says is thrown away; unread, it would hold the connection up.
    this.#socket.resume();
    // It rejects for whoever waits; that nobody does is no failure.
    this.#gone.promise.catch(() => undefined);
    this.opened = Promise.race([opened.promise, this.#gone.promise]);
    this.opened.catch(() => undefined);
  }

  get isGone(): boolean {
    return this.#failure !== undefined;
  }

  /** Resolves when the system has it all. @throws Error when the connection ended before */
  async write(text: string): Promise<void> {
    this.demandOpen();
    const written = new Promise<void>((resolve, reject) => {
      this.#socket.write(text, (error) => (error ? reject(error) : resolve()));
    });
    await Promise.race([written, this.#gone.promise]);
  }

  demandOpen(): void {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
  }

  /** What was written is sent. */
  end(): void {
    this.#socket.end();
  }

  destroy(why: Error): void {
    this.#end(why);
    this.#socket.destroy();
  }

  #end(why: Error): void {
    if (this.#failure === undefined) {
      this.#failure = why;
      this.#gone.reject(why);
      this.#socket.destroy();
    }
  }
}
