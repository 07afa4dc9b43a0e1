import type { LicenceDemand } from '#core/access/licence.ts';

/** Restore, quarantine, statuses, listings and links. */
export const anyLicence: LicenceDemand = ['prevent', 'pro_per_endpoint', 'pro_per_gb'];

/** Retrieving files asks for an endpoint licence; Pro per GB does not do. */
export const endpointLicence: LicenceDemand = ['prevent', 'pro_per_endpoint'];

/** The script library; the vendor sells it with endpoints. */
export const scriptLicence: LicenceDemand = ['pro_per_endpoint'];

/** Alerts of others, as their parsed form. */
export const alertLicence: LicenceDemand = ['pro_per_endpoint', 'pro_per_gb'];

/** Alerts of others, as CEF lines. */
export const cefLicence: LicenceDemand = ['pro_per_gb'];

/** Keys, and what the tenant has licences for: whoever lacks one must still be able to see that, and to change keys. */
export const noLicence: LicenceDemand = [];
