import { isInRanges, isRange } from '../access/address-range.ts';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

/** A name or an address with the port that may be asked there. */
interface AllowedHost {
  /** As `URL` spells it: lower case, in ASCII, IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
  /** Only where a port was written: a word for all of a machine is no word for what it serves without TLS. */
  readonly isPlainAllowed: boolean;
}

/** Where webhooks may go (`CUSTODY_WEBHOOK_HOSTS`). */
export interface WebhookHosts {
  readonly hosts: readonly AllowedHost[];
  /** Addresses and ranges: those that no public name leads to may be asked if they are among these. */
  readonly ranges: readonly string[];
}

export const noWebhookHosts: WebhookHosts = { hosts: [], ranges: [] };

const secure = 443;

/**
 * Names, addresses and ranges. A name, or an address, may be asked at 443 or at the port behind it; a range or an address allows names
 * of the list to lead there.
 * @returns the first part that is none of these, in `wrong`
 */
export function parseWebhookHosts(parts: readonly string[]): WebhookHosts | { readonly wrong: string } {
  const hosts: AllowedHost[] = [];
  const ranges: string[] = [];
  for (const part of parts) {
    const host = hostOf(part);
    if (isRange(part)) {
      ranges.push(part);
    }
    if (host !== undefined) {
      hosts.push(host);
      ranges.push(...(isRange(bare(host.host)) ? [bare(host.host)] : []));
    } else if (!isRange(part)) {
      return { wrong: part };
    }
  }
  return { hosts, ranges };
}

function hostOf(part: string): AllowedHost | undefined {
  const isSix = part.includes('::') || part.split(':').length > 2;
  const url = URL.parse(`https://${isSix && !part.startsWith('[') ? `[${part}]` : part}/`);
  if (url === null || /[/?#@\s*\\]/.test(part)) {
    return undefined;
  }
  const isPortWritten = /:\d+$/.test(isSix ? part.replace(/^.*\]/, '') : part);
  return { host: url.hostname, port: Number(url.port || secure), isPlainAllowed: isPortWritten };
}

/** Without the brackets of IPv6. */
function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

/** @returns why a webhook may not go to this address, as a sentence; undefined where it may. */
export function webhookRefusal(text: string, { hosts, ranges }: WebhookHosts): string | undefined {
  const url = plainUrl(text);
  if (url === undefined) {
    return 'It must be an https address, without a name, password or # in it.';
  }
  if (hosts.length === 0) {
    return 'Webhooks are switched off: name where they may go in CUSTODY_WEBHOOK_HOSTS, and start the server anew.';
  }
  const port = Number(url.port || (url.protocol === 'https:' ? secure : 80));
  const named = hosts.find((each) => each.host === url.hostname && each.port === port);
  if (named === undefined) {
    const place = port === secure ? url.hostname : `${url.hostname}:${port}`;
    return `CUSTODY_WEBHOOK_HOSTS does not name ${place}.`;
  }
  const isHere = url.hostname === 'localhost' || isLoopbackAddress(bare(url.hostname));
  if (url.protocol === 'http:' && !(isHere && named.isPlainAllowed)) {
    return 'It must be https: without TLS only this very machine can be asked, at a port that CUSTODY_WEBHOOK_HOSTS names.';
  }
  return isRange(bare(url.hostname)) ? addressRefusal(url.hostname, bare(url.hostname), { hosts, ranges }) : undefined;
}

function plainUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  return url !== null && isWeb && `${url.username}${url.password}${url.hash}` === '' ? url : undefined;
}

/**
 * @param host what the webhook names, as `URL` spells it
 * @param address where it leads to
 * @returns why it may not be asked, as a sentence
 */
export function addressRefusal(host: string, address: string, { ranges }: WebhookHosts): string | undefined {
  const isThisMachine = host === 'localhost' && isLoopbackAddress(address);
  if (isThisMachine || isPublicAddress(address) || isInRanges(address, ranges)) {
    return undefined;
  }
  const what = `${host} leads to ${address}, which is no public address`;
  return `${what}; where that is right, add ${address} to CUSTODY_WEBHOOK_HOSTS.`;
}
