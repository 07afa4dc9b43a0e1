import { lookup } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isRange } from '#core/access/address-range.ts';
import type { Receipt } from '#core/feed/receipt.ts';
import { addressRefusal, type WebhookHosts, webhookRefusal } from '#core/feed/webhook-hosts.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { WebhookMessage, WebhookSender } from '#core/ports/feeds.ts';
import { type Milliseconds, second } from '#core/time.ts';
import { version } from '#core/version.ts';

/** Every address of a name, as the machine resolves it. @throws Error */
export type Resolve = (name: string) => Promise<readonly string[]>;

export interface SenderSettings {
  readonly hosts: WebhookHosts;
  /** PEM; all that may have signed receivers' certificates. Undefined: the public ones. */
  readonly authorities: readonly string[] | undefined;
}

interface SenderTools {
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  readonly resolve: Resolve;
}

/** From the first question for the name to the end of the answer's head. */
const patience: Milliseconds = 15 * second;

/** That say of a message that it will not be taken, whenever it comes: all else may be another time. */
const finalStatuses: readonly number[] = [400, 405, 410, 411, 413, 414, 415, 422, 431];

export const resolveBySystem: Resolve = async (name) =>
  (await lookup(name, { all: true, order: 'verbatim' })).map(({ address }) => address);

/** Webhooks over the network. */
export function createWebhookSender({ clock, resolve }: SenderTools, settings: SenderSettings): WebhookSender {
  return {
    refusal: (url) => webhookRefusal(url, settings.hosts),
    async send(message, stopping) {
      const late = new AbortController();
      const withdraw = clock.schedule(patience, () => late.abort());
      const ending = AbortSignal.any([late.signal, ...(stopping === undefined ? [] : [stopping])]);
      try {
        return await attempt(message, { resolve, settings, clock, ending });
      } catch (thrown) {
        return nothing(
          late.signal.aborted ? `It did not answer within ${patience / second} seconds.` : wordsOf(thrown),
        );
      } finally {
        withdraw();
      }
    },
  };
}

interface Attempt {
  readonly resolve: Resolve;
  readonly settings: SenderSettings;
  readonly clock: Pick<Clock, 'now'>;
  readonly ending: AbortSignal;
}

async function attempt(message: WebhookMessage, { resolve, settings, clock, ending }: Attempt): Promise<Receipt> {
  const { hosts } = settings;
  const refusal = webhookRefusal(message.url, hosts);
  if (refusal !== undefined) {
    return { kind: 'forbidden', words: refusal };
  }
  const url = new URL(message.url);
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isRange(name) ? [name] : await unlessEnded(resolve(name), ending);
  // Any of them: a name that leads to one address that is right and one that is not is not to be trusted.
  const refused = addresses.map((address) => addressRefusal(url.hostname, address, hosts)).find(Boolean);
  if (refused !== undefined) {
    return { kind: 'forbidden', words: refused };
  }
  const [address] = addresses;
  if (address === undefined) {
    return nothing('Its name leads to no address.');
  }
  return receiptOf(await post(message, { url, address, ending, authorities: settings.authorities }), clock.now());
}

async function unlessEnded<Result>(work: Promise<Result>, ending: AbortSignal): Promise<Result> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = () => reject(new Error('It was ended.'));
  ending.addEventListener('abort', end);
  try {
    return await Promise.race([work, ended]);
  } finally {
    ending.removeEventListener('abort', end);
  }
}

interface Connection {
  readonly url: URL;
  /** What was judged, and nothing else, is connected to. */
  readonly address: string;
  readonly ending: AbortSignal;
  readonly authorities: readonly string[] | undefined;
}

/** @returns the head of the answer; nothing of its body is read. */
function post({ headers, body }: WebhookMessage, connection: Connection): Promise<IncomingMessage> {
  const { url, address, ending, authorities } = connection;
  const family = address.includes(':') ? 6 : 4;
  const pinned: LookupFunction = (_name, _options, callback) => callback(null, [{ address, family }]);
  const send = url.protocol === 'http:' ? requestHttp : requestHttps;
  return new Promise((resolve, reject) => {
    const outgoing = send(
      url,
      {
        method: 'POST',
        headers: {
          ...headers,
          'user-agent': `Custody/${version}`,
          'content-length': String(Buffer.byteLength(body)),
        },
        lookup: pinned,
        agent: false,
        signal: ending,
        ...(authorities && { ca: [...authorities] }),
      },
      (answer) => {
        answer.once('error', reject);
        answer.destroy();
        resolve(answer);
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

function receiptOf({ statusCode: status = 0, headers }: IncomingMessage, now: Milliseconds): Receipt {
  if (status >= 200 && status < 300) {
    return { kind: 'taken', status };
  }
  const what = status >= 300 && status < 400 ? `${status}, a redirect, which is not followed` : String(status);
  return {
    ...{ kind: 'failed', status, words: `It answered ${what}.`, isFinal: finalStatuses.includes(status) },
    retryAfter: readRetryAfter(headers['retry-after'], now),
  };
}

/** Seconds, or a date (RFC 9110, 10.2.3); null for anything else. */
function readRetryAfter(text: string | undefined, now: Milliseconds): Milliseconds | null {
  if (text === undefined) {
    return null;
  }
  const at = /^\d{1,9}$/.test(text) ? now + Number(text) * second : Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(at - now, 0);
}

function nothing(words: string): Receipt {
  return { kind: 'failed', status: null, words, retryAfter: null, isFinal: false };
}

/** What the runtime says of a connection names no path; it is kept short all the same. */
function wordsOf(thrown: unknown): string {
  const words = thrown instanceof Error ? thrown.message : 'It could not be asked';
  return `${words.replace(/\.$/, '').slice(0, 300)}.`;
}
