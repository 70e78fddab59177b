// WR1: pages of other sites may not use a signed-in browser. Programs that are no browser send no Origin.

/** `publicUrl`: where people reach the app; without it the page's origin must be the host it asks. */
export function createOriginCheck(publicUrl: string | undefined) {
  const allowed = publicUrl === undefined ? null : new URL(publicUrl).origin;
  return (origin: string | undefined, host: string | undefined): boolean => {
    if (origin === undefined) return true;
    if (allowed !== null && origin === allowed) return true;
    return URL.canParse(origin) && host !== undefined && new URL(origin).host === host;
  };
}
