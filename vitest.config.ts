import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{domain,app,bridge,tools,asterisk,tests-e2e}/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts', '**/node_modules/**'],
        },
      },
      {
        // Real Asterisk, real SQLite, real sockets.
        test: {
          name: 'integration',
          include: ['{bridge,asterisk,tests-e2e}/**/*.integration.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
