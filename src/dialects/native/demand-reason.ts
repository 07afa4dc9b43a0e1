import { Fault } from '#core/fault.ts';
import type { Policy } from '#core/ports/policy.ts';

/** @throws Fault `invalid_request` where the server was told that one must say why, and nobody did */
export function demandReason({ reasonRequired }: Pick<Policy, 'reasonRequired'>, reason: string | undefined): void {
  if (reasonRequired && reason === undefined) {
    throw new Fault('invalid_request', 'reason: this server asks why. Say it in `reason`; it is kept on the record.', {
      details: { field: 'reason' },
    });
  }
}
