// The HTTP side: sign-in, refresh, sign-out, configuration (SE1, SE4, AP10).
import * as v from 'valibot';
import { ChoosableSchema, Extension, RoleSchema } from './views.ts';
import { REFUSALS } from './errors.ts';

export const SignInSchema = v.object({
  extension: Extension,
  password: v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
  device: v.pipe(
    v.string(),
    v.maxLength(120),
    v.description('what the device calls itself, for the device list'),
  ),
});
export type SignIn = v.InferOutput<typeof SignInSchema>;

/** SE1: how this session registers. The HA1 (RFC 2617 §3.2.2.2) is all the browser gets; no password exists. */
export const SipAccountSchema = v.object({
  url: v.pipe(v.string(), v.description('WebSocket address of Asterisk (AP10)')),
  aor: v.pipe(v.string(), v.description('sip:extension@domain')),
  contactName: v.pipe(v.string(), v.description('the session id: names the session in every contact (RG9)')),
  username: v.string(),
  realm: v.string(),
  ha1: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
});
export type SipAccount = v.InferOutput<typeof SipAccountSchema>;

export const SessionSchema = v.object({
  accessToken: v.string(),
  expiresInMs: v.number(),
  session: v.string(),
  self: v.object({ extension: Extension, name: v.string(), role: RoleSchema }),
  sip: SipAccountSchema,
});
export type SessionGrant = v.InferOutput<typeof SessionSchema>;

export const SignOutSchema = v.object({
  everywhere: v.optional(v.boolean(), false),
});

export const CatalogueReasonSchema = v.object({
  id: v.string(),
  status: ChoosableSchema,
  name: v.object({ en: v.string(), ru: v.string() }),
  colour: v.nullable(v.string()),
  limitMs: v.nullable(v.number()),
});

export const ConfigSchema = v.object({
  centre: v.object({ name: v.string(), timeZone: v.string(), demo: v.boolean() }),
  reasons: v.array(CatalogueReasonSchema),
  iceServers: v.array(v.object({ urls: v.array(v.string()) })),
});
export type CentreConfig = v.InferOutput<typeof ConfigSchema>;

export const HttpErrorSchema = v.object({
  error: v.object({ code: v.picklist(REFUSALS), detail: v.optional(v.string()) }),
});
