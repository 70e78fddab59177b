-- Asterisk's own database (OP4). Asterisk writes ps_contacts and queue_log; the bridge writes the rest, and `status`.
-- No column is NOT NULL without a default: Asterisk leaves out what it does not know.
PRAGMA journal_mode = WAL;

CREATE TABLE IF NOT EXISTS ps_endpoints (
  id TEXT PRIMARY KEY,
  transport TEXT,
  aors TEXT,
  auth TEXT,
  context TEXT,
  disallow TEXT,
  allow TEXT,
  callerid TEXT,
  webrtc TEXT,
  dtls_auto_generate_cert TEXT,
  direct_media TEXT,
  identify_by TEXT,
  device_state_busy_at INTEGER,
  allow_overlap TEXT,
  allow_subscribe TEXT,
  allow_transfer TEXT,
  rtp_timeout INTEGER,
  rtp_timeout_hold INTEGER,
  send_pai TEXT,
  trust_id_inbound TEXT,
  mailboxes TEXT
);

CREATE TABLE IF NOT EXISTS ps_auths (
  id TEXT PRIMARY KEY,
  auth_type TEXT,
  username TEXT,
  password TEXT,
  md5_cred TEXT,
  realm TEXT
);

CREATE TABLE IF NOT EXISTS ps_aors (
  id TEXT PRIMARY KEY,
  contact TEXT,
  max_contacts INTEGER,
  remove_existing TEXT,
  remove_unavailable TEXT,
  qualify_frequency INTEGER,
  qualify_timeout REAL,
  qualify_2xx_only TEXT,
  authenticate_qualify TEXT,
  default_expiration INTEGER,
  minimum_expiration INTEGER,
  maximum_expiration INTEGER,
  outbound_proxy TEXT,
  support_path TEXT,
  mailboxes TEXT,
  voicemail_extension TEXT
);
-- asked at start: every AOR that is qualified
CREATE INDEX IF NOT EXISTS ps_aors_qualify ON ps_aors (qualify_frequency);

CREATE TABLE IF NOT EXISTS ps_contacts (
  id TEXT PRIMARY KEY,
  uri TEXT,
  expiration_time INTEGER,
  qualify_frequency INTEGER,
  qualify_timeout REAL,
  qualify_2xx_only TEXT,
  authenticate_qualify TEXT,
  outbound_proxy TEXT,
  path TEXT,
  user_agent TEXT,
  endpoint TEXT,
  reg_server TEXT,
  via_addr TEXT,
  via_port INTEGER,
  call_id TEXT,
  prune_on_boot TEXT,
  -- ours (RG6): Reachable, Unreachable or Expired. Asterisk neither reads nor writes it.
  status TEXT
);
CREATE INDEX IF NOT EXISTS ps_contacts_endpoint ON ps_contacts (endpoint);
-- asked at start (its own contacts to prune) and every few seconds (expired ones)
CREATE INDEX IF NOT EXISTS ps_contacts_prune ON ps_contacts (reg_server, prune_on_boot);
CREATE INDEX IF NOT EXISTS ps_contacts_expiration ON ps_contacts (expiration_time);

-- Members of queues as rows (extconfig.conf). Asterisk reads all columns and writes `paused` and `reason_paused`.
CREATE TABLE IF NOT EXISTS queue_members (
  -- how Asterisk finds the row again; a row without it is ignored
  uniqueid INTEGER PRIMARY KEY AUTOINCREMENT,
  queue_name VARCHAR(80) NOT NULL,
  interface VARCHAR(80) NOT NULL,
  -- the extension, as in queues.conf
  membername VARCHAR(80),
  -- PS3: PJSIP/<ext>; empty means the interface
  state_interface VARCHAR(80),
  penalty INTEGER NOT NULL DEFAULT 0,
  -- PS9: rows start paused
  paused INTEGER NOT NULL DEFAULT 1,
  reason_paused VARCHAR(80),
  wrapuptime INTEGER,
  ringinuse VARCHAR(3),
  UNIQUE (queue_name, interface)
);
-- A member of no queue. Asterisk decides at its start whether it writes and reads reasons: only if some row has one.
INSERT OR IGNORE INTO queue_members (queue_name, interface, reason_paused) VALUES ('-', '-', '-');

CREATE TABLE IF NOT EXISTS queue_log (
  -- lengths, because Asterisk's ODBC code takes TEXT for too short and warns; SQLite itself does not cut
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- UTC, "2026-01-31 23:59:59.123456" (queue_log_realtime_use_gmt)
  time VARCHAR(40),
  callid VARCHAR(80),
  queuename VARCHAR(256),
  agent VARCHAR(256),
  event VARCHAR(32),
  data VARCHAR(1024),
  data1 VARCHAR(1024),
  data2 VARCHAR(1024),
  data3 VARCHAR(1024),
  data4 VARCHAR(1024),
  data5 VARCHAR(1024)
);
CREATE INDEX IF NOT EXISTS queue_log_time ON queue_log (time);
CREATE INDEX IF NOT EXISTS queue_log_queue ON queue_log (queuename, time);
CREATE INDEX IF NOT EXISTS queue_log_agent ON queue_log (agent, time);
CREATE INDEX IF NOT EXISTS queue_log_call ON queue_log (callid);
