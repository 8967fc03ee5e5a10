// A supplier's SFTP server: one file, one account, and what a hostile server can do. Its messages are those of draft-ietf-secsh-filexfer-02.
import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import ssh, { type KeyPair, type SshChannel } from '@microsoft/dev-tunnels-ssh';

/** What a hostile or broken server does once somebody has signed in. */
export type SftpTrouble =
  | 'silent'
  | 'drips'
  | 'floods'
  | 'never-ends'
  | 'unasked-answer'
  | 'more-than-asked'
  | 'huge-message'
  | 'breaks-off'
  | 'short-answers'
  | 'out-of-order';

export interface SampleSftp {
  readonly port: number;
  /** What its host key comes to. */
  readonly hostKey: string;
  /** Passwords that somebody tried here. */
  readonly tried: string[];
  file: Buffer;
  trouble: SftpTrouble | null;
  close(): Promise<void>;
}

const MESSAGE = { init: 1, version: 2, open: 3, read: 5, status: 101, handle: 102, data: 103 } as const;
const STATUS = { eof: 1, noSuchFile: 2 } as const;
const DRIP_MS = 200;

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const string = (value: Buffer): Buffer => Buffer.concat([uint32(value.length), value]);
const message = (type: number, ...parts: readonly Buffer[]): Buffer =>
  string(Buffer.concat([Buffer.from([type]), ...parts]));
const status = (id: number, code: number): Buffer =>
  message(MESSAGE.status, uint32(id), uint32(code), string(Buffer.from('')), string(Buffer.from('')));

/** Starts the server: on loopback, for one account that may read one path. */
export async function startSampleSftp(
  account: { readonly username: string; readonly password: string },
  path: string,
): Promise<SampleSftp> {
  const key = await ssh.SshAlgorithms.publicKey['ecdsaSha2Nistp256']?.generateKeyPair();
  if (key === undefined) throw new Error('no key');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    serve(socket, key).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const sftp: SampleSftp = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    hostKey: await fingerprint(key),
    tried: [],
    file: Buffer.alloc(0),
    trouble: null,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return sftp;

  async function serve(socket: Socket, own: KeyPair): Promise<void> {
    const session = new ssh.SshServerSession(new ssh.SshSessionConfiguration());
    session.credentials.publicKeys = [own];
    session.onAuthenticating((asked) => {
      if (asked.password !== null) sftp.tried.push(asked.password);
      const isIn = asked.username === account.username && asked.password === account.password;
      asked.authenticationPromise = Promise.resolve(isIn ? {} : null);
    });
    session.onChannelOpening(({ channel }) => {
      channel.onRequest((request) => {
        request.isAuthorized = request.requestType === 'subsystem';
      });
      converse(channel, socket);
    });
    await session.connect(new ssh.NodeStream(socket));
  }

  function converse(channel: SshChannel, socket: Socket): void {
    let held: Buffer = Buffer.alloc(0);
    const late: Buffer[] = [];
    channel.onDataReceived((bytes) => {
      channel.adjustWindow(bytes.length);
      held = Buffer.concat([held, bytes]);
      while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
        const one = held.subarray(4, 4 + held.readUInt32BE(0));
        held = held.subarray(4 + one.length);
        answer(one);
      }
    });
    const send = (bytes: Buffer): void => void channel.send(bytes).catch(() => socket.destroy());

    function answer(one: Buffer): void {
      const id = one.length >= 5 ? one.readUInt32BE(1) : 0;
      switch (one.readUInt8(0)) {
        case MESSAGE.init:
          send(message(MESSAGE.version, uint32(3)));
          return;
        case MESSAGE.open: {
          const asked = one.subarray(9, 9 + one.readUInt32BE(5)).toString('utf8');
          send(
            asked === path
              ? message(MESSAGE.handle, uint32(id), string(Buffer.from('h')))
              : status(id, STATUS.noSuchFile),
          );
          if (sftp.trouble === 'floods') flood();
          return;
        }
        case MESSAGE.read: {
          const handle = one.readUInt32BE(5);
          const offset = Number(one.readBigUInt64BE(9 + handle));
          read(id, offset, one.readUInt32BE(17 + handle));
        }
      }
    }

    function read(id: number, offset: number, length: number): void {
      const data = (bytes: Buffer): Buffer => message(MESSAGE.data, uint32(id), string(bytes));
      const honest = sftp.file.subarray(offset, offset + length);
      const usual = honest.length === 0 ? status(id, STATUS.eof) : data(honest);
      switch (sftp.trouble) {
        case null:
        case 'floods':
          send(usual);
          return;
        case 'silent':
          return;
        case 'drips':
          setTimeout(() => send(data(Buffer.from('x'))), DRIP_MS);
          return;
        case 'never-ends':
          send(data(Buffer.alloc(length, 'x')));
          return;
        case 'unasked-answer':
          send(message(MESSAGE.data, uint32(id + 1_000), string(honest)));
          return;
        case 'more-than-asked':
          send(data(Buffer.alloc(length + 1)));
          return;
        case 'huge-message':
          send(uint32(0x7f_ff_ff_ff));
          return;
        case 'breaks-off':
          if (offset === 0) send(usual);
          else socket.destroy();
          return;
        case 'short-answers':
          send(honest.length === 0 ? usual : data(honest.subarray(0, Math.ceil(honest.length / 3))));
          return;
        case 'out-of-order':
          late.push(usual);
          if (late.length === 8 || honest.length === 0)
            for (const held of late.splice(0).toReversed()) send(held);
      }
    }

    /** Answers without end that nobody asked for, as fast as they are taken. */
    function flood(): void {
      if (socket.destroyed) return;
      channel
        .send(message(MESSAGE.data, uint32(0xff_ff), string(Buffer.alloc(30_000))))
        .then(flood, () => undefined);
    }
  }
}

async function fingerprint(key: KeyPair): Promise<string> {
  const bytes = (await key.getPublicKeyBytes()) ?? Buffer.alloc(0);
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/u, '')}`;
}
