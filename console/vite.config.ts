import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The page is served under a Content-Security-Policy without `unsafe-*` and with Trusted Types: no inlined files, no
// preload polyfill, styles in files of their own.
export default defineConfig({
  plugins: [react()],
  build: {
    assetsDir: 'console',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
  },
});
