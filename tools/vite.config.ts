import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** The console speaks one language, and its component kit brings thirty: whatever it asks for, it gets the words that the page is in. */
const oneLanguage: Plugin = {
  name: 'one-language',
  enforce: 'pre',
  load(id) {
    const isForeign = /\/react-aria[\w-]*\/dist\/private\/intl\/[\w-]+\/(?!en-US)[a-z]{2}-[A-Z]{2}\.mjs$/.test(id);
    return isForeign ? `export { default } from './en-US.mjs';` : null;
  },
};

/** What the API says of its fields is for its description, and a third of what its client weighs. */
const withoutDescriptions: Plugin = {
  name: 'without-descriptions',
  enforce: 'pre',
  transform(code, id) {
    return id.includes('/src/dialects/native/schemas/')
      ? code.replaceAll(/\b(description|summary):\s*(?:'(?:[^'\\\n]|\\.)*'|`[^`]*`)/g, `$1: ''`)
      : null;
  },
};

/** Vite reads the default export of this file and no other. */
export default defineConfig({
  root: join(import.meta.dirname, '../src/console'),
  base: '/console/',
  plugins: [oneLanguage, withoutDescriptions, react()],
  build: {
    outDir: join(import.meta.dirname, '../build/console'),
    emptyOutDir: true,
    target: 'es2023',
    // Data in the page's style or script would need a weaker policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
