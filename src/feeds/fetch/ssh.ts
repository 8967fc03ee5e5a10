// A client of SSH over a connection that was made and checked elsewhere. The protocol is a library's (RFC 4253, with rsa-sha2 and ECDSA host keys, ECDH or groups of 2048 bits and more, AES-256 in GCM or CTR); whom it
// trusts and what it says are here. Its errors speak of hosts and keys, so none of them is told.
import { createHash, createPrivateKey } from 'node:crypto';
import type { Socket } from 'node:net';
import ssh, { type KeyPair, type SshChannel, type SshClientCredentials } from '@microsoft/dev-tunnels-ssh';
import { SshEnded } from './ssh-ended.ts';

export interface SshLogin {
  /** What the server's host key comes to: `SHA256:` and base64 without padding, as `ssh-keygen -l` writes it. */
  readonly hostKey: string;
  readonly username: string;
  /** What signs in. A private key is PEM: RSA, or ECDSA on P-256 or P-384. */
  readonly secret: { readonly password: string } | { readonly privateKey: string };
}

export interface SshClient {
  /** Signs in and opens a channel to a subsystem (RFC 4254, 6.5). Nothing that signs in leaves before the host key was seen to be the one that is known. Throws SshEnded. */
  subsystem(name: string, login: SshLogin): Promise<SshChannel>;
  close(): void;
}

export function openSshClient(tcp: Socket): SshClient {
  const session = new ssh.SshClientSession(new ssh.SshSessionConfiguration());
  // From now on: what the server says first must not come before somebody listens.
  const stream = new ssh.NodeStream(tcp);
  let seen: string | null = null;
  return {
    async subsystem(name, login) {
      const credentials = { username: login.username, ...(await secretOf(login)) };
      session.onAuthenticating((asked) => {
        // Whether this is so has to be promised at once: the library looks for it when this returns.
        asked.authenticationPromise = hostKeyOf(asked.publicKey).then((key) => {
          seen = key;
          return key === login.hostKey ? {} : null;
        });
      });
      try {
        await session.connect(stream);
        const isIn = await session.authenticate(credentials);
        if (seen !== login.hostKey) throw new SshEnded('host-key', seen);
        if (!isIn) throw new SshEnded('credentials');
        const channel = await session.openChannel();
        if (!(await channel.request(new SubsystemRequest(name)))) throw new SshEnded('no-file');
        return channel;
      } catch (error) {
        if (error instanceof SshEnded) throw error;
        throw new SshEnded(seen !== null && seen !== login.hostKey ? 'host-key' : 'malformed-answer', seen);
      }
    },
    close() {
      session.dispose();
    },
  };
}

/** Asks for a subsystem: its name follows what every request begins with. */
class SubsystemRequest extends ssh.ChannelRequestMessage {
  readonly #name: string;

  constructor(name: string) {
    super('subsystem', true);
    this.#name = name;
  }

  protected override onWrite(writer: Parameters<ssh.ChannelRequestMessage['onWrite']>[0]): void {
    super.onWrite(writer);
    writer.writeString(this.#name, 'ascii');
  }
}

async function hostKeyOf(key: KeyPair | null): Promise<string> {
  const bytes = await key?.getPublicKeyBytes();
  if (bytes === null || bytes === undefined) return '';
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/u, '')}`;
}

async function secretOf({ secret }: SshLogin): Promise<Omit<SshClientCredentials, 'username'>> {
  if ('password' in secret) return { password: secret.password };
  const pair = await keyPairOf(secret.privateKey).catch(() => null);
  if (pair === null) throw new SshEnded('private-key');
  return { publicKeys: [pair] };
}

const CURVES: Readonly<
  Record<string, { readonly algorithm: string; readonly name: string; readonly oid: string }>
> = {
  'P-256': { algorithm: 'ecdsaSha2Nistp256', name: 'nistp256', oid: '1.2.840.10045.3.1.7' },
  'P-384': { algorithm: 'ecdsaSha2Nistp384', name: 'nistp384', oid: '1.3.132.0.34' },
};

const number = (value: string | undefined) =>
  ssh.BigInt.fromBytes(Buffer.from(value ?? '', 'base64url'), { unsigned: true });

/** A PEM as it has to be written (RFC 7468, 2): fields for secrets take the ends of its lines away. */
function wrapped(pem: string): string {
  const [, label = '', body = ''] =
    /^\s*-----BEGIN ([A-Z ]+)-----([\sA-Za-z0-9+/=]+)-----END \1-----\s*$/u.exec(pem) ?? [];
  const lines = body.replaceAll(/\s/gu, '').match(/.{1,64}/gu) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** A private key as the library wants it. Null where it is of another kind. */
async function keyPairOf(pem: string): Promise<KeyPair | null> {
  const jwk = createPrivateKey(wrapped(pem)).export({ format: 'jwk' });
  if (jwk.kty === 'RSA') {
    const pair = ssh.SshAlgorithms.publicKey['rsaWithSha512']?.createKeyPair();
    const parameters = {
      modulus: number(jwk.n),
      exponent: number(jwk.e),
      d: number(jwk.d),
      p: number(jwk.p),
      q: number(jwk.q),
      dp: number(jwk.dp),
      dq: number(jwk.dq),
      qi: number(jwk.qi),
    };
    await pair?.importParameters(parameters);
    return pair ?? null;
  }
  const curve = CURVES[jwk.crv ?? ''];
  const pair =
    curve === undefined ? undefined : ssh.SshAlgorithms.publicKey[curve.algorithm]?.createKeyPair();
  if (curve === undefined || pair === undefined) return null;
  const parameters = {
    curve: { name: curve.name, oid: curve.oid },
    x: number(jwk.x),
    y: number(jwk.y),
    d: number(jwk.d),
  };
  await pair.importParameters(parameters);
  return pair;
}
