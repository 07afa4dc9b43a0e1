import { Fault } from '#core/fault.ts';
import { proveInclusion } from '#core/ledger/proof.ts';
import { guarded } from '../operation.ts';
import { proveEvent } from '../schemas/ledger.ts';
import { showHash } from '../show-hash.ts';

export const proveEventOperation = guarded(
  proveEvent,
  { permission: 'events.read', licence: [], reach: 'fleet' },
  async ({ parameters: { sequence } }, { ports }) => {
    const { note: checkpoint, size } = await ports.checkpoints.latest();
    if (sequence > size) {
      const message = `There is no event ${sequence}: the record has ${size}.`;
      throw new Fault('not_found', message, { details: { what: 'event' } });
    }
    return ports.store.read(async ({ ledger }) => {
      const [leaf] = await ledger.leaves(sequence - 1, 1);
      if (leaf?.sequence !== sequence) {
        throw new Fault('internal', `Event ${sequence} is gone from the record: \`custody verify\` says more.`);
      }
      const inclusion = await proveInclusion(sequence - 1, size, ledger.nodes);
      return {
        ...{ sequence, leaf: new TextDecoder().decode(leaf.bytes) },
        ...{ inclusion: inclusion.map(showHash), checkpoint, size },
      };
    });
  },
);
