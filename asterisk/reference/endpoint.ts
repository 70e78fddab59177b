// The rows of one agent's extension: what the bridge provisions, value by value. Pure; nothing is written here.

type Row = Readonly<Record<string, string | number>>;

export interface EndpointRows {
  readonly endpoint: Row;
  readonly aor: Row;
  readonly noAuth: Row;
}

/**
 * `neverTold` is 32 fresh random hex digits that are stored nowhere else. An endpoint whose `auth` is empty is an
 * open door (Asterisk then asks for no secret at all), so between sessions it names this row: a challenge nobody
 * can answer. Whatever is in md5_cred is a credential, so a constant would not do.
 */
export function endpointRows(
  extension: string,
  displayName: string,
  neverTold: string,
  qualifyFrequencyS = 15,
): EndpointRows {
  const noAuth = `${extension}-none`;
  return {
    endpoint: {
      id: extension,
      aors: extension,
      auth: noAuth, // SE1: sessions are added to this comma-separated list; it is never empty
      context: 'agents', // WR4
      callerid: `"${displayName.replace(/["\\<>]/g, '')}" <${extension}>`,
      disallow: 'all',
      allow: 'opus,ulaw',
      webrtc: 'yes',
      dtls_auto_generate_cert: 'yes',
      identify_by: 'username',
      direct_media: 'no',
      transport: 'transport-ws', // its bind is also where RTP binds: loopback in the demo
      allow_overlap: 'no', // a number that only begins like one of ours is wrong, not unfinished
      allow_subscribe: 'no',
      allow_transfer: 'yes',
      // Seconds without a packet before a call whose desk is gone is hung up: nothing else ends it.
      rtp_timeout: 60,
      // RG11: no device_state_busy_at. It would turn ringing, talking and hold into one BUSY.
    },
    aor: {
      id: extension,
      // Room for several devices and for the ghosts of a reload; the unreachable make way first.
      max_contacts: 5,
      remove_existing: 'no',
      remove_unavailable: 'yes',
      // RG1: a silent loss is found after this plus the timeout. The default 0 would never look.
      qualify_frequency: qualifyFrequencyS,
      qualify_timeout: 3,
      // RG7: the app asks for 3600 and refreshes at half.
      default_expiration: 3600,
      minimum_expiration: 30,
      maximum_expiration: 3600,
    },
    noAuth: { id: noAuth, auth_type: 'md5', username: noAuth, md5_cred: neverTold },
  };
}
