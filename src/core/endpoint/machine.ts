import { createHash } from 'node:crypto';
import type { Milliseconds } from '../time.ts';
import type { EndpointId } from './endpoint-id.ts';

/** What tells one machine from another: digests, made by the agent, of what the system and the hardware call themselves. */
export interface MachineMark {
  /** 64 hex digits; null where the system, or an older agent, does not say. */
  readonly system: string | null;
  /** 64 hex digits; null where the agent may not read it. */
  readonly hardware: string | null;
}

/** What a connecting agent says of where it is, and how far it was. Older agents say neither. */
export interface MachineClaim {
  readonly machine: MachineMark;
  /** The number of its last welcome that it has on disk; 0 before the first. Null: this agent keeps none. */
  readonly generation: number | null;
}

/**
 * What the server remembers of an endpoint's machine. Every welcome has a number of its own, which the agent keeps beside its key:
 * two machines with one key cannot both go on with it (promise P39).
 */
export interface KnownMachine {
  readonly endpointId: EndpointId;
  readonly machine: MachineMark;
  /** Of the last welcome, the highest that was given; null before the first. */
  readonly generation: number | null;
  /** The newest that the agent is known to have kept: it may come with this one or with the last. */
  readonly kept: number | null;
}

/** Why a second machine with an endpoint's key is known to be one. */
export const copySigns = ['other_machine', 'older_data', 'both_at_once'] as const;

export type CopySign = (typeof copySigns)[number];

/** A machine that came with an endpoint's key and was turned away. */
export interface MachineCopy {
  readonly endpointId: EndpointId;
  /** 16 hex digits, of what tells it from others. */
  readonly id: string;
  readonly sign: CopySign;
  readonly hostName: string;
  /** Where it came from last. */
  readonly remoteAddress: string;
  readonly claim: MachineClaim;
  readonly firstSeen: Milliseconds;
  readonly lastSeen: Milliseconds;
}

/** What an older agent says. */
export const noClaim: MachineClaim = { machine: { system: null, hardware: null }, generation: null };

/** What speaks against a claim; undefined: it is the machine that is known, or nobody knows better. */
export function signOfCopy(known: KnownMachine | undefined, claim: MachineClaim): CopySign | undefined {
  if (known === undefined) {
    return undefined;
  }
  const { system, hardware } = claim.machine;
  if (isOther(known.machine.system, system) || isOther(known.machine.hardware, hardware)) {
    return 'other_machine';
  }
  return isOlder(known, claim.generation) ? 'older_data' : undefined;
}

/** What is remembered once an agent was let in with this claim, and which number its welcome has. */
export function machineAfter(
  endpointId: EndpointId,
  known: KnownMachine | undefined,
  claim: MachineClaim,
): KnownMachine & { readonly welcome: number | null } {
  const before = known?.machine ?? noClaim.machine;
  const now = claim.machine;
  const machine = { system: before.system ?? now.system, hardware: before.hardware ?? now.hardware };
  if (claim.generation === null) {
    return { endpointId, machine, generation: known?.generation ?? null, kept: known?.kept ?? null, welcome: null };
  }
  const welcome = Math.max(known?.generation ?? 0, claim.generation) + 1;
  return { endpointId, machine, generation: welcome, kept: claim.generation, welcome };
}

/** What is remembered once the agent was enrolled, for the first time or again with a new token: it begins at 0. */
export function machineEnrolled(
  endpointId: EndpointId,
  known: KnownMachine | undefined,
  claimed: MachineMark,
): KnownMachine {
  const { welcome: _none, ...machine } = machineAfter(endpointId, known, { ...noClaim, machine: claimed });
  return machine.generation === null ? machine : { ...machine, generation: machine.generation + 1, kept: 0 };
}

/** Gives the machine that is there another number, where it keeps one: a copy of all that it has is then an older state of it. */
export function renewed(known: KnownMachine): KnownMachine & { readonly generation: number | null } {
  return known.generation === null ? known : { ...known, generation: known.generation + 1 };
}

/** As long as it comes with the same marks and name, it is the same copy. */
export function copyIdOf({ machine }: MachineClaim, hostName: string): string {
  const { system, hardware } = machine;
  const text = JSON.stringify(['custody-copy-v1', system, hardware, hostName]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** What one of the two does not know tells nothing. */
function isOther(known: string | null, claimed: string | null): boolean {
  return known !== null && claimed !== null && known !== claimed;
}

/**
 * The last welcome may have been lost on its way: until the agent has said that it kept that number, the one before counts, too. A
 * higher number than any that was given is from before the server was restored from a backup, and no copy's.
 */
function isOlder({ generation, kept }: KnownMachine, claimed: number | null): boolean {
  return generation !== null && claimed !== null && claimed < generation && claimed !== kept;
}
