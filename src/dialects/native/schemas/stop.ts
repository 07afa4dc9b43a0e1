import { z } from 'zod';
import { stopStandings } from '#core/action/stop-standing.ts';
import { instant } from './values.ts';

/** What came of asking a task to stop. */
export const stop = z
  .object({
    requestedAt: instant,
    standing: z.enum(stopStandings).meta({
      description:
        'requested: no word of its agent yet. before_effect: nothing was done there. after_effect: it was done before the agent could stop. partly: some files were done, others not begun. too_late: it had ended before anybody asked.',
    }),
    message: z.string(),
    filesDone: z.int().meta({ description: 'Files to which the order was done.' }),
    filesSpared: z.int().meta({ description: 'Files that were not begun any more.' }),
  })
  .meta({ id: 'StoppedTask' });

/** What takes back what was done in spite of a stop. */
export const inverse = z
  .object({
    message: z.string(),
    calls: z
      .array(
        z.object({
          operation: z.string().meta({ description: 'The `operationId`.' }),
          method: z.enum(['POST']),
          path: z.string().meta({ description: 'Below `/api/v1`.' }),
          body: z.record(z.string(), z.unknown()),
        }),
      )
      .meta({ description: 'To be sent as they are; empty where nothing takes it back.' }),
    left: z.int().meta({ description: 'Calls beyond those that are named here; ask again once these were made.' }),
  })
  .meta({ id: 'InverseCalls' });
