import { z } from 'zod';
import { faultCodes } from '#core/fault.ts';

export const problemMediaType = 'application/problem+json';

const detail = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

/** RFC 9457. */
export const problem = z
  .object({
    type: z.string().meta({ description: '`urn:custody:fault:` and the code.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'One sentence that says what is wrong and what to do.' }),
    code: z.enum(faultCodes),
    details: z
      .record(z.string(), detail)
      .meta({ description: 'What it is about: a field, a limit, the missing thing.' }),
    requestId: z.string().optional().meta({
      description: 'As in the header `X-Request-Id`, and in the lines of the server’s log about this request.',
    }),
  })
  .meta({ id: 'Problem' });
