// SE2, SE8: agents by name, and the receipts of sign-outs made while cut off.
import type { Hono } from 'hono';
import * as v from 'valibot';
import { AgentLogoutSchema, AgentOnlineSchema, ReceiptSchema } from '../../domain/protocol/http.ts';
import { bodyOf, forgetCookieOf, refuse, sessionIdOf, sessionOf, type HttpDeps } from './http-common.ts';

/** SE2: each asked for oneself, and as often as it takes. */
export function addUsers(app: Hono, deps: HttpDeps): void {
  app.post('/api/users/agent-online', async (context) => {
    const session = await sessionOf(context, deps);
    if (!session) return refuse(context, 'unauthorised');
    const request = v.safeParse(AgentOnlineSchema, await bodyOf(context));
    if (!request.success) return refuse(context, 'bad-request', v.getDotPath(request.issues[0]) ?? 'body');
    const { extension, contactUri } = request.output;
    if (extension !== session.extension) return refuse(context, 'forbidden');
    const result = await deps.contacts.setContactOnline(extension, session.id, contactUri);
    return result.ok ? context.json({ registered: true }) : refuse(context, result.code);
  });
  app.post('/api/users/agent-logout', async (context) => {
    const id = await sessionIdOf(context, deps);
    const session = id === null ? null : await deps.sessions.find(id);
    if (!session) return refuse(context, 'unauthorised');
    const request = v.safeParse(AgentLogoutSchema, await bodyOf(context));
    if (!request.success) return refuse(context, 'bad-request', v.getDotPath(request.issues[0]) ?? 'body');
    const { extension, everywhere } = request.output;
    if (extension !== session.extension) return refuse(context, 'forbidden');
    const result = await deps.sessions.signOut(session.id, everywhere);
    if (!result.ok) return refuse(context, result.code);
    await forgetCookieOf(session.id, context, deps);
    return context.json({ signedOut: true, durationMs: result.durationMs });
  });
}

/** SE8: the receipt itself says who asks; it is good for nothing else. */
export function addReceipt(app: Hono, deps: HttpDeps): void {
  app.post('/api/receipt', async (context) => {
    const request = v.safeParse(ReceiptSchema, await bodyOf(context));
    if (!request.success) return refuse(context, 'bad-request', v.getDotPath(request.issues[0]) ?? 'body');
    const id = await deps.receipts.verify(request.output.receipt);
    if (id === null) return refuse(context, 'unauthorised');
    const result = await deps.sealed.take(id, request.output);
    if (!result.ok) return refuse(context, result.code);
    await forgetCookieOf(id, context, deps);
    return context.json({ signedOut: true, refused: result.refused });
  });
}
