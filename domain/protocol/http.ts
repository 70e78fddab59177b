// The HTTP side: sign-in, refresh, sign-out, configuration (SE1, SE4, AP10).
import * as v from 'valibot';
import { ChangeSchema, DeviceIdSchema, MAX_FLUSH } from './client.ts';
import { ChoosableSchema, Extension, RoleSchema, Time } from './views.ts';
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
  receipt: v.pipe(
    v.string(),
    v.description('SE8: good for one thing, to end this session and send its outbox (`/api/receipt`)'),
  ),
});
export type SessionGrant = v.InferOutput<typeof SessionSchema>;

export const SignOutSchema = v.object({
  everywhere: v.optional(v.boolean(), false),
});

/** SE2: the app registered and says so. */
export const AgentOnlineSchema = v.object({
  extension: Extension,
  contactUri: v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(512),
    v.description('the Contact it registered'),
  ),
});

export const AgentLogoutSchema = v.object({
  extension: Extension,
  everywhere: v.optional(v.boolean(), false),
});

/** SE8: what a sign-out while cut off left on the device. */
export const ReceiptSchema = v.object({
  receipt: v.pipe(v.string(), v.maxLength(2_048)),
  device: DeviceIdSchema,
  changes: v.pipe(v.array(ChangeSchema), v.maxLength(MAX_FLUSH)),
  signedOut: v.pipe(
    v.object({ made: Time, offset: v.optional(v.pipe(v.number(), v.finite())), everywhere: v.boolean() }),
    v.description('ms on the device’s clock, and what to add to get the bridge’s'),
  ),
});
export type Receipt = v.InferOutput<typeof ReceiptSchema>;

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
