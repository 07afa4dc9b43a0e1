import { type BatchNumber, isBatchNumber } from '../action/action-id.ts';
import type { Random } from '../ports/random.ts';
import type { Reader } from '../ports/store/store.ts';

/** Fetch batches and what is asked of endpoints share one space of numbers: clients tell them apart by nothing else. */
export async function freeBatchNumber(
  { actions, fleetActions }: Pick<Reader, 'actions' | 'fleetActions'>,
  random: Random,
): Promise<BatchNumber> {
  for (;;) {
    const number = random.int32();
    if (
      isBatchNumber(number) &&
      number !== 0 &&
      (await actions.byBatchNumber(number)) === undefined &&
      (await fleetActions.byBatchNumber(number)) === undefined
    ) {
      return number;
    }
  }
}
