import { z } from 'zod';
import type { CustodyEvent } from '#core/custody/event.ts';
import { nativeEvent } from '#core/feed/native.ts';
import type { custodyEvent } from './schemas/event.ts';

const json = z.json();

export function showEvent(event: CustodyEvent): z.input<typeof custodyEvent> {
  const { actor, facts, ...told } = nativeEvent(event);
  const shownFacts = Object.entries(facts).map(([name, value]) => [name, json.parse(value)] as const);
  return { ...told, actor: { ...actor }, facts: Object.fromEntries(shownFacts) };
}
