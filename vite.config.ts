import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** Where a running bridge listens; only the development server needs it, in production the bridge serves the build. */
const bridge = process.env['BRIDGE_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: 'app',
  base: './',
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // A strict policy (script-src and style-src 'self') admits neither data: URLs nor inline helpers.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/api': bridge,
      '/socket': { target: bridge, ws: true },
    },
  },
});
