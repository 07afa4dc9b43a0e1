import { Fault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import { closedPolicy, type EndpointPolicy } from './policy.ts';
import { type PolicyPlace, readPolicy } from './read-policy.ts';

/** What holds now: a policy, or nothing at all because it cannot be read. */
export type PolicyState =
  | { readonly ok: true; readonly policy: EndpointPolicy }
  | { readonly ok: false; readonly why: string };

/** The policy as it is at this moment: it is read again for every task, so that a change needs no restart. */
export class PolicyKeeper {
  private last = '';
  private known: EndpointPolicy = closedPolicy;
  private readonly place: PolicyPlace;
  private readonly log: Log;

  constructor(place: PolicyPlace, log: Log) {
    this.place = place;
    this.log = log;
  }

  state(): PolicyState {
    const state = this.read();
    this.known = state.ok ? state.policy : closedPolicy;
    const told = JSON.stringify(state);
    if (told !== this.last) {
      this.last = told;
      this.tell(state);
    }
    return state;
  }

  /** What holds now; nothing is allowed while that is not known. */
  get current(): EndpointPolicy {
    const state = this.state();
    return state.ok ? state.policy : closedPolicy;
  }

  /** What held when it was last asked, for limits that are looked at again and again. */
  get recent(): EndpointPolicy {
    return this.known;
  }

  /** For the server and for `agent status`; nothing while all is well. */
  get limitations(): readonly string[] {
    const state = this.state();
    return state.ok ? [] : [`refuses every order: ${state.why}`];
  }

  private read(): PolicyState {
    try {
      return { ok: true, policy: readPolicy(this.place) };
    } catch (thrown) {
      if (!(thrown instanceof Fault)) {
        throw thrown;
      }
      return { ok: false, why: thrown.message };
    }
  }

  private tell(state: PolicyState): void {
    if (state.ok) {
      this.log.info('The policy of this endpoint.', { file: this.place.file, rules: state.policy.rules.length });
    } else {
      this.log.error('Every order is refused until the policy of this endpoint can be read.', { why: state.why });
    }
  }
}
