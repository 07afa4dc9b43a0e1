import './style/base.css';
import './style/kit.css';
import './style/pages.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { queryClient } from './app/queries.ts';
import { router } from './app/router.tsx';
import { applyTheme } from './app/theme.ts';

// Compiling checks at run time needs a policy that lets text become a program.
z.config({ jitless: true });
applyTheme();
const place = document.getElementById('root');
if (place === null) {
  throw new Error('The page has no place for the console.');
}
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
