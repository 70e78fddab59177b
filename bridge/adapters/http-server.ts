// One HTTP server for the API, the built app and the upgrade to sockets.
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Hono } from 'hono';

/** Hashed files never change; everything else is asked for anew each time. */
const cacheFor = (path: string): string =>
  path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';

/** Adds the built app below `api`'s own routes and starts to listen. Rejects when the port is taken. */
export async function listen(
  api: Hono,
  options: { readonly host: string; readonly port: number; readonly appDir: string },
): Promise<{ readonly server: Server; readonly port: number; close(): Promise<void> }> {
  api.use(
    '*',
    serveStatic({
      root: options.appDir,
      onFound: (path, context) => context.header('Cache-Control', cacheFor(path)),
    }),
  );
  const listener = getRequestListener(api.fetch);
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    server,
    port: typeof address === 'object' && address ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
