// Where ARI is, and who asks. The password travels in a header only: a URL ends up in logs.

export interface AriAddress {
  /** `http://127.0.0.1:8088/ari`, with or without a slash at its end. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** The header of every request. */
export const authorizationOf = ({ user, password }: AriAddress): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

/** `path` begins with a slash. */
export const resourceUrl = ({ url }: AriAddress, path: string): string => url.replace(/\/+$/, '') + path;

/** `app` names the subscription. `subscribeAll`, because choosing what to hear of needs a user who may write. */
export const eventsUrl = (address: AriAddress, app: string): string =>
  resourceUrl(address, `/events?app=${encodeURIComponent(app)}&subscribeAll=true`).replace(/^http/i, 'ws');
