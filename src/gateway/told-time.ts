import type { Ports } from '#core/ports/ports.ts';
import type { ToldTime } from '#wire/messages.ts';

/**
 * The time as agents are told it. What one ends as expired is not had back: where the server cannot know whether so much time passed,
 * it says so.
 */
export function toldTime({ clock, clockGuard }: Pick<Ports, 'clock' | 'clockGuard'>): ToldTime {
  const time = clock.now();
  return clockGuard.doubt()?.kind === 'absent' ? { time, surely: clockGuard.surely.now() } : { time };
}
