import type { Endpoint } from '#core/endpoint/endpoint.ts';

/**
 * The vendor's name for an installed sensor, `PYLUMCLIENT_<ORG>_<HOST>_<12 hex>`. The hex is the endpoint id's: a MAC
 * address, which the vendor puts there, is shared by cloned machines and can change.
 */
export function pylumId({ hostName, id }: Pick<Endpoint, 'hostName' | 'id'>): string {
  return `PYLUMCLIENT_CUSTODY_${hostName.toUpperCase()}_${id.slice(0, 12).toUpperCase()}`;
}
