import { createServer as createHttps, type ServerOptions } from 'node:https';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net';

export interface Running {
  readonly port: number;
  close(): Promise<void>;
}

interface Listening {
  listen(port: number, host: string, done: () => void): unknown;
  address(): AddressInfo | string | null;
  close(done: () => void): unknown;
  closeAllConnections?(): void;
}

async function running(server: Listening, sockets?: Set<Socket>): Promise<Running> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    async close() {
      for (const socket of sockets ?? []) socket.destroy();
      server.closeAllConnections?.();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}

export const httpServer = (listener: RequestListener): Promise<Running> => running(createServer(listener));

export const httpsServer = (options: ServerOptions, listener: RequestListener): Promise<Running> =>
  running(createHttps(options, listener));

/** A server that writes whatever it likes: for answers no HTTP library would send. */
export function rawServer(act: (socket: Socket) => void): Promise<Running> {
  const sockets = new Set<Socket>();
  const server = createTcp((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    act(socket);
  });
  return running(server, sockets);
}

/** A port that was free a moment ago, for a program that is told its port and may have to find it again. */
export async function freePort(): Promise<number> {
  const taken = await running(createTcp());
  await taken.close();
  return taken.port;
}
