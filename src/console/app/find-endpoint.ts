import { safeText } from '../kit/safe-text.ts';
import { client } from './client.ts';

const idForm = /^[0-9a-f]{32}$/;
const mostNamed = 5;

/**
 * The endpoint that somebody means who types its id, its host name, or a part of that which no other has.
 * @throws Error in words for them
 */
export async function findEndpoint(typed: string): Promise<{ readonly id: string; readonly hostName: string }> {
  const text = typed.trim();
  const query = idForm.test(text.toLowerCase()) ? { id: [text.toLowerCase()] } : { hostNameContains: [text] };
  const { items, total } = await client.listEndpoints({ ...query, limit: mostNamed });
  const exact = items.filter(({ hostName }) => hostName.toLowerCase() === text.toLowerCase());
  const [found, ...others] = exact.length > 0 ? exact : items;
  if (found === undefined) {
    throw new Error(`No endpoint is called “${text}”. Type its host name, or its id.`);
  }
  if (others.length > 0) {
    const names = items.map(({ hostName }) => safeText(hostName)).join(', ');
    throw new Error(
      `${total} endpoints are called like “${text}”: ${names}${total > mostNamed ? ' …' : ''}. Type the whole name, or the id.`,
    );
  }
  return found;
}
