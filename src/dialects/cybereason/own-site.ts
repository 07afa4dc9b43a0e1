import { demandOwnSite as demand } from '#core/access/own-site.ts';
import type { Call } from '../dialect.ts';

/**
 * Refuses what a page of another site had a browser send, by whatever method: even GET changes things here (`fetchfile/close`), and a
 * foreign form could log somebody in as somebody else.
 * @throws Fault `permission_denied`
 */
export function demandOwnSite({ request, ports }: Pick<Call, 'request' | 'ports'>): void {
  demand({ headers: request.headers, url: request.url, publicUrl: ports.policy.publicUrl });
}
