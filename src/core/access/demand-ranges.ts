import { Fault } from '../fault.ts';
import { addressRangeSchema } from './address-range.ts';

/** @throws Fault `invalid_request` for what is neither an address nor a range */
export function demandRanges(addresses: readonly string[]): void {
  const wrong = addresses.find((range) => !addressRangeSchema.safeParse(range).success);
  if (wrong !== undefined) {
    const message = `addresses must be addresses or ranges, for example 192.0.2.0/24, not "${wrong}".`;
    throw new Fault('invalid_request', message, { details: { field: 'addresses' } });
  }
}
