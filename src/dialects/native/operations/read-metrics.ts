import { guarded } from '../operation.ts';
import { text } from '../reply.ts';
import { readMetrics } from '../schemas/server.ts';

export const readMetricsOperation = guarded(
  readMetrics,
  { permission: 'actions.read', licence: [], reach: 'fleet' },
  async (_, { ports }) => text(await ports.metrics.text(), readMetrics.reply.mediaType),
);
