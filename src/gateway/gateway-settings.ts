import type { SignedBytes } from '#core/action/action.ts';
import { type Milliseconds, second } from '#core/time.ts';
import type { Rate } from '#core/token-bucket.ts';
import { isSignatureValidAside } from '#wire/signature.ts';

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
  /** How long an endpoint's connection may take to answer, when another one of the same endpoint has come. */
  readonly answerPatience: Milliseconds;
  /** How often it is looked for what was decided elsewhere about connected endpoints, that they were revoked for one. */
  readonly watchInterval: Milliseconds;
  /** Other servers work on the same store, and agents may be connected to them. */
  readonly sharesStore: boolean;
  /** How often one endpoint may come. */
  readonly arrivals: Rate;
  /** How much one connection may say: frames, and bytes in them. */
  readonly rates: { readonly frames: Rate; readonly bytes: Rate };
  /** Connections of one address that have not proved themselves, at once. */
  readonly strangersOfAddress: number;
  /** Files that one endpoint may list. */
  readonly filesOfEndpoint: number;
  /** How the signatures of reports are checked; default: on the runtime's other threads. Never rejects. */
  readonly isSignatureValid: typeof isSignatureValidAside;
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
  answerPatience: 5 * second,
  watchInterval: 2 * second,
  sharesStore: false,
  arrivals: { burst: 60, perSecond: 0.2 },
  rates: {
    // A result needs one frame; after a long cut an agent has thousands to tell at once.
    frames: { burst: 10_000, perSecond: 500 },
    bytes: { burst: 64 * 1024 ** 2, perSecond: 16 * 1024 ** 2 },
  },
  strangersOfAddress: 2_048,
  filesOfEndpoint: 2_000_000,
  isSignatureValid: isSignatureValidAside,
  presenceInterval: 15 * second,
  endpointsPerRound: 4_000,
  announcement: null,
  ledger: null,
};
