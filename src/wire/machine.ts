import { z } from 'zod';
import type { MachineMark } from '#core/endpoint/machine.ts';

const mark = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .nullable();

export const machineMarkSchema = z.object({ system: mark, hardware: mark }) satisfies z.ZodType<MachineMark>;
