import type { SignedBytes } from '#core/action/action.ts';
import { type Milliseconds, second } from '#core/time.ts';

/** A signed `trust`, as wire/trust.ts has it. */
export interface Announcement {
  readonly trust: Uint8Array;
  readonly signature: Uint8Array;
}

/** What an installation may turn; the defaults hold for tens of thousands of agents on one server. */
export interface GatewaySettings {
  /** How long a connection may stay without a `hello`. */
  readonly helloPatience: Milliseconds;
  /** Hellos being processed at once; agents beyond are told to come again. */
  readonly hellosAtOnce: number;
  /** Over how long agents that were told to come again are spread. */
  readonly stormSpread: Milliseconds;
  /** How long the first of many waits for company: rings, acceptances, reports. */
  readonly coalesce: Milliseconds;
  /** How often the leases on being connected are renewed. */
  readonly presenceInterval: Milliseconds;
  /** Endpoints whose orders are built and signed in one go: bounds how long the event loop is held. */
  readonly endpointsPerRound: number;
  /** What every agent is told after its welcome of addresses and authorities. */
  readonly announcement: Announcement | null;
  /** Which ledger this server keeps, as wire/ledger.ts has it, signed with the order key. */
  readonly ledger: SignedBytes | null;
}

export const defaultGatewaySettings: GatewaySettings = {
  helloPatience: 10 * second,
  hellosAtOnce: 512,
  stormSpread: 15 * second,
  coalesce: 3,
  presenceInterval: 15 * second,
  endpointsPerRound: 4_000,
  announcement: null,
  ledger: null,
};
