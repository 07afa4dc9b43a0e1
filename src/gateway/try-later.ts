import type { FaultCode } from '#core/fault.ts';
import type { Random } from '#core/ports/random.ts';
import { type Milliseconds, second } from '#core/time.ts';
import type { Refusal } from './agent-session.ts';

/** The shortest wait that is asked of an agent. */
const soonest = second;

/** Faults that pass by themselves: the agent keeps what it has, comes again and says it again. */
const passing: ReadonlySet<FaultCode> = new Set(['timeout', 'unavailable', 'rate_limited', 'evidence_unavailable']);

export function isPassing(code: FaultCode): boolean {
  return passing.has(code);
}

/** A refusal that asks the agent to come again; at random, so that those refused together do not return together. */
export function tryLater(why: string, spread: Milliseconds, random: Pick<Random, 'fraction'>): Refusal {
  return { why, retryAfter: Math.round(soonest + spread * random.fraction()), final: false };
}
