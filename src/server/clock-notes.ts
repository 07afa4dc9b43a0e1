import type { ClockDoubt, ClockGuard } from '#core/ports/clock-guard.ts';
import { day, hour, type Milliseconds, minute } from '#core/time.ts';

/** What people should know of a clock that is not believed: no line, or one. */
export function clockNotes(guard: Pick<ClockGuard, 'doubt'>): readonly string[] {
  const doubt = guard.doubt();
  return doubt === undefined ? [] : [`${whatHappened(doubt)}. ${whatToDo(doubt)}`];
}

function whatHappened({ kind, ahead }: ClockDoubt): string {
  if (kind === 'absent') {
    return `the server was away for ${lengthOf(ahead)}, or the machine’s clock is wrong: nothing expires or is deleted by this time yet`;
  }
  const where = ahead > 0 ? 'ahead' : 'back';
  return `the machine’s clock jumped ${where} by ${lengthOf(ahead)} and is not believed: the server goes on with the time that it knew`;
}

function whatToDo({ believedIn }: ClockDoubt): string {
  const what = 'Set the clock right, or say that it is right: custody clock accept';
  return believedIn === null ? what : `${what} (it is believed in ${lengthOf(believedIn)} if it stays so)`;
}

function lengthOf(length: Milliseconds): string {
  const units = [
    { unit: day, name: 'days' },
    { unit: hour, name: 'hours' },
  ];
  const size = Math.abs(length);
  const { unit, name } = units.find((each) => size >= 2 * each.unit) ?? { unit: minute, name: 'minutes' };
  return `${Math.round(size / unit)} ${name}`;
}
