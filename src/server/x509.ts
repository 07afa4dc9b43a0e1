import 'reflect-metadata';

/**
 * tsyringe, on which the certificate library rests, refuses to load before `reflect-metadata` has run. A static import
 * does not say so: runtime and bundler each order ES and CommonJS modules in their own way.
 */
export const x509 = await import('@peculiar/x509');
