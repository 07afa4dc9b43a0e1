import { beginTheme } from './app/theme.ts';

/**
 * Zod compiles checks at run time, which needs a policy that lets text become a program. It looks here before its first schema is made,
 * and so this comes before everything that imports it.
 */
Object.assign(self, { __zod_globalConfig: { jitless: true } });

beginTheme();
await import('./app/start.tsx');
