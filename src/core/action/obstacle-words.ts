import type { DispatchObstacle } from '../ports/dispatch.ts';

/** What people are told of an order that is recorded and cannot leave now. */
export const obstacleWords: Readonly<Record<DispatchObstacle, string>> = {
  held: 'The order is recorded and held on this server; it leaves once a second person approves it.',
  emergency_stop:
    'The order is recorded, but the emergency stop is engaged: nothing that takes or deletes files leaves. It leaves once an administrator releases the stop.',
  unconfirmed:
    'The order is recorded, but its endpoint has not had it for so long that it must be confirmed anew; it leaves once somebody does, or expires at its deadline.',
  ring: 'The order goes to few endpoints first, and to this one in a later ring.',
  rings_halted:
    'The order has halted, because endpoints that had it failed or stopped answering; it leaves once a person resumes it.',
  signer_away: 'The order is recorded, but the signer of orders is away; it leaves once the signer is back.',
  signer_other_key:
    'The order is recorded, but the signer of orders holds another key than agents know; it leaves once that is put right.',
  signer_form: refused('its form is none that the signer knows'),
  signer_verb: refused('its owner does not let it sign this verb'),
  signer_lifetime: refused('it lives longer than the signer’s owner allows'),
  signer_expired: refused('its deadline has passed by the signer’s clock'),
  signer_start: refused('its beginning is far from now by the signer’s clock'),
  signer_rate: 'The order is recorded; it leaves once the signer’s limit of orders in a minute allows.',
  signer_destructive_rate:
    'The order is recorded; it leaves once the signer’s limit of destructive orders in a minute allows.',
  signer_statement: refused('its owner does not let it sign such a statement'),
};

function refused(why: string): string {
  return `The order is recorded, but the signer of orders refuses it: ${why}. It leaves if that changes before its deadline.`;
}
