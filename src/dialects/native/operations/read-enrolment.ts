import { guarded } from '../operation.ts';
import { readEnrolment } from '../schemas/enrolment-token.ts';

export const readEnrolmentOperation = guarded(
  readEnrolment,
  { permission: 'endpoints.enrol', licence: [] },
  async (_, { ports: { installation } }) => ({
    servers: [...installation.agentUrls],
    authority: installation.authorityPem ?? null,
  }),
);
