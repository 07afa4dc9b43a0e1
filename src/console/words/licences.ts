import type { Client } from '#sdk/client.ts';

type Licence = Awaited<ReturnType<Client['readServer']>>['licences'][number];

/** The names that the two vendors’ pages have for them. Total. */
export const licenceWords: Readonly<Record<Licence, string>> = {
  prevent: 'Prevent',
  pro_per_endpoint: 'Pro per Endpoint',
  pro_per_gb: 'Pro per GB',
  host_insights: 'Host Insights',
  investigation: 'Investigation',
  dfir: 'Digital Forensics and Incident Response',
};
