import { z } from 'zod';
import { parse } from './read-bundle.ts';

const leafSchema = z.tuple([
  z.literal('custody-event-1'),
  z.int().min(1),
  z.string(),
  z.number(),
  z.string(),
  z.string(),
  z.string(),
  z.string().nullable(),
  z.string().nullable(),
  z.string().nullable(),
  z.string(),
]);

const head = /^\["custody-event-1",(\d{1,16}),"([a-z_]+)",/;

/** The number and the type of an event, without reading the rest of its line. @throws Finding */
export function leafHead(line: string, name: string): { readonly sequence: number; readonly type: string } {
  const [, sequence, type] = head.exec(line) ?? [];
  if (sequence === undefined || type === undefined) {
    // Says what is wrong.
    parse(name, line, leafSchema);
  }
  return { sequence: Number(sequence), type: type ?? '' };
}

/** What an event says. @throws Finding */
export function leafFacts<Schema extends z.ZodType>(line: string, name: string, schema: Schema): z.output<Schema> {
  const [, , , , , , , , , , facts] = parse(name, line, leafSchema);
  return parse(name, facts, schema);
}
