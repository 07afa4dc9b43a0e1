import { Fault } from '../fault.ts';

export interface SentFrom {
  readonly headers: Headers;
  /** Of the request. */
  readonly url: string;
  readonly publicUrl: string;
}

/**
 * Refuses what a page of another site had a browser send (P46). Only browsers send these headers, so no script or connector is
 * concerned; one that types the address in is told apart by `none`.
 * @throws Fault `permission_denied`
 */
export function demandOwnSite({ headers, url, publicUrl }: SentFrom): void {
  const site = headers.get('sec-fetch-site');
  const { origin, host } = new URL(url);
  // The listener may stand behind a proxy that speaks TLS for it.
  const own = new Set([origin, `https://${host}`, publicUrl]);
  const from = headers.get('origin') ?? originOf(headers.get('referer'));
  const isForeign = site === 'cross-site' || site === 'same-site' || (from !== undefined && !own.has(from));
  if (isForeign) {
    throw new Fault('permission_denied', 'Requests that a page of another site makes are refused.');
  }
}

/** Undefined where the request does not say where it comes from; what is no address comes from nowhere of ours. */
function originOf(referer: string | null): string | undefined {
  return referer === null || referer === '' ? undefined : (URL.parse(referer)?.origin ?? referer);
}
