import { existsSync } from 'node:fs';
import { writeFileDurably } from '#storage';
import { startError } from './errors.ts';

const TEMPLATE = `# Loupe's config. Every key is shown with its default; unknown keys are refused.
# "loupe config check" reads this file and says what is wrong with it.

# Where everything lies. The root key lies beside it (DATADIR.key), not in it: keep a copy of the key elsewhere.
dataDir: ./data
# rootKeyFile: /etc/loupe/root.key

# Where the console answers. Keep it on loopback unless something in front of it speaks TLS.
listen:
  host: 127.0.0.1
  port: 7070

# Names besides loopback under which the console is opened. Links to others carry the first of them, over https.
publicNames: []

# One machine needs nothing. Beyond one: a reference to the address of a PostgreSQL database.
# storage:
#   postgres: env:LOUPE_POSTGRES

# The look renders pages in Chromium where it finds one and is not root; else it reads them as sent.
look:
  browser: sandboxed
  chromium: null

# Hosts that need more than the public internet: a shop on a private network, an authority of one's own.
# reach:
#   staging.shop.example:
#     allowNetworks: [192.168.7.0/24]
#     extraCa: [./staging-ca.pem]

# Where checkpoints of the ledger go, so that nobody who runs this machine can rewrite it unseen.
# anchors:
#   - { kind: file, name: share, path: /mnt/share/loupe-checkpoints }
#   - { kind: witness, name: witness, url: "https://witness.example/add-checkpoint", vkey: "NAME+HASH+KEY" }
anchors: []

# A mail server for questions and reminders. Without one Loupe shows what to send, and a person sends it. Links in mails need a name above (publicNames).
# mail:
#   { host: smtp.example.com, port: 465, encryption: tls, from: loupe@shop.example, user: loupe, password: "env:LOUPE_MAIL" }

# The edge, where something of a shop is to be guarded: docs/guide/edge.md. Without this section there is none.
# edge:
#   listeners: [{ host: 0.0.0.0, port: 443 }, { host: 0.0.0.0, port: 80, tls: false, redirect: true }]
#   acme: { contact: you@shop.example, agreeToTerms: true }
#   certificates: []                # or your own: [{ cert: /etc/ssl/shop.pem, key: /etc/ssl/shop.key }]
#   console: true                   # serves this console under publicNames
#   processes: 1
#   trustedProxies: []              # networks of a CDN in front; with onlyProxies: true nobody else is served
#   counters: null
#   broker: { host: 127.0.0.1, port: 7444 }

# The shop window: search over the stones of feeds, for a route of the edge or the shop's own server: docs/guide/feeds.md.
# window: { host: 127.0.0.1, port: 7446 }
# Where stones are passed through that their provider does not let anybody keep.
# live: { host: 127.0.0.1, port: 7447 }

# Sample shops for a first try, on eight ports from here on.
samples: false
sampleFirstPort: 7071
`;

/** Writes a config file that must not exist yet. */
export function init(path: string): void {
  if (existsSync(path)) {
    throw startError('start/config-there', { details: { file: path } });
  }
  writeFileDurably(path, TEMPLATE, 0o644);
}

/** The config that "loupe init" writes; a test reads it with the schema. */
export const CONFIG_TEMPLATE: string = TEMPLATE;
