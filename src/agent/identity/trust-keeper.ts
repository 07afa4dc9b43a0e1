import type { SignedBytes } from '#core/action/action.ts';
import { asFault, Fault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import { decode } from '#wire/codec.ts';
import { isSignatureValid } from '#wire/signature.ts';
import { type Trust, trustSchema } from '#wire/trust.ts';
import { isCertificate } from './authorities.ts';
import type { Identity, Reach } from './identity.ts';
import type { OrderKeys } from './order-keys.ts';
import { serverUrls } from './server-url.ts';
import { type IdentityPlace, updateIdentity } from './update-identity.ts';

const mostFormer = 4;

export interface TrustTools extends IdentityPlace {
  readonly orderKeys: Pick<OrderKeys, 'current'>;
  readonly log: Log;
  /** What holds from the next connection on. */
  changed(reach: Reach): void;
}

/** Takes what the server says about addresses and authorities, when the order key signed it and it is newer. */
export class TrustKeeper {
  private readonly tools: TrustTools;

  constructor(tools: TrustTools) {
    this.tools = tools;
  }

  /** Never rejects: what is refused, or cannot be kept, is logged, and all stays as it was. */
  async take(signed: SignedBytes): Promise<void> {
    try {
      await this.keep(this.read(signed));
    } catch (thrown) {
      const { message, cause } = asFault(thrown);
      this.tools.log.error('A change of trust was refused.', { why: message, cause });
    }
  }

  private read({ bytes, signature }: SignedBytes): Trust {
    if (!isSignatureValid('custody-trust-v1', { bytes, signature }, this.tools.orderKeys.current)) {
      throw new Fault('unauthenticated', 'The signature is not by the order key.');
    }
    const trust = decode(bytes, trustSchema);
    if (!trust.authorities.every(isCertificate)) {
      throw new Fault('invalid_request', 'An authority is no certificate in PEM form.');
    }
    return { ...trust, servers: [...serverUrls(trust.servers)] };
  }

  /** The same one again is said with every welcome, and needs no words. */
  private async keep(trust: Trust): Promise<void> {
    const { sequence } = trust;
    let isNew = false;
    const kept = await updateIdentity(this.tools, (known) => {
      if (sequence < known.trustSequence) {
        throw new Fault('conflict', `It is number ${sequence}; number ${known.trustSequence} was taken before.`);
      }
      isNew = sequence > known.trustSequence;
      return isNew ? after(known, trust) : known;
    });
    if (isNew) {
      const { servers, authorities } = kept;
      this.tools.log.info('A change of trust was taken.', { sequence, servers, authorities: authorities.length });
      this.tools.changed(kept);
    }
  }
}

function after(known: Identity, { sequence, servers, authorities }: Trust): Identity {
  const former = [...known.servers, ...known.formerServers].filter((each) => !servers.includes(each));
  return { ...known, servers, authorities, trustSequence: sequence, formerServers: former.slice(0, mostFormer) };
}
