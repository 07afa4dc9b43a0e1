import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Vite reads the default export of this file and no other. */
export default defineConfig({
  root: join(import.meta.dirname, '../src/console'),
  base: '/console/',
  plugins: [react()],
  build: {
    outDir: join(import.meta.dirname, '../build/console'),
    emptyOutDir: true,
    target: 'es2023',
    // Data in the page's style or script would need a weaker policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
